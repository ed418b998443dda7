// SPDX-License-Identifier: Apache-2.0

/// What a request for a route is answered with.
enum RouteTarget: Sendable {
    /// Answered by the loop from the health snapshot.
    case health(HealthRoute)
    /// Rendered by a scrape thread.
    case scrape(ScrapeRoute)
    /// A handler that may block; run by a handler thread.
    case blocking(@Sendable (ServerRequest) throws -> ServerResponse)
    /// A handler that runs as a task.
    case task(@Sendable (ServerRequest) async throws -> ServerResponse)

    /// Whether the service itself added it.
    var isApplication: Bool {
        switch self {
        case .health, .scrape: false
        case .blocking, .task: true
        }
    }
}

/// What one method of a route does, and for whom.
struct RouteMethod: Sendable {
    let method: String
    let target: RouteTarget
    let access: RouteAccess
}

/// A template and what its methods do.
struct Route: Sendable {
    let template: RouteTemplate
    var targets: [RouteMethod]

    /// The target for `method`; HEAD is answered like GET without its body
    /// ([RFC 9110 9.3.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2)).
    func target(for method: UnsafeRawBufferPointer) -> RouteMethod? {
        var get: RouteMethod?
        for entry in targets {
            if entry.method.utf8.elementsEqual(method) { return entry }
            if entry.method == "GET" { get = entry }
        }
        return equals(method, "HEAD") ? get : nil
    }

    /// The value of `Allow` ([RFC 9110 10.2.1](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1)).
    var allow: String {
        var methods = targets.map(\.method)
        if let get = methods.firstIndex(of: "GET"), !methods.contains("HEAD") { methods.insert("HEAD", at: get + 1) }
        return methods.joined(separator: ", ")
    }
}

/// All routes of a server; paths match exactly and raw.
struct RouteTable: Sendable {
    private(set) var routes: [Route] = []
    private var literals: [String: Int] = [:]
    private var templates: [Int] = []

    /// Routes that one server may have.
    static let routesMax = 1_024

    /// Adds a target.
    ///
    /// - Throws: `ServerError.Code.invalidRoute` when the method of the path is taken.
    mutating func add(
        _ method: RequestMethod, _ text: String, _ target: RouteTarget, access: RouteAccess = .open
    ) throws(ServerError) {
        let template = try RouteTemplate(text)
        guard !method.name.isEmpty, method.name.utf8.allSatisfy(ByteClass.token.contains) else {
            throw .route(text, "has the method \"\(method.name)\", which is no token")
        }
        if let index = routes.firstIndex(where: { $0.template.matchesSamePaths(as: template) }) {
            guard routes[index].template == template else {
                throw .route(text, "matches the same paths as \"\(routes[index].template.text)\"")
            }
            guard !routes[index].targets.contains(where: { $0.method == method.name }) else {
                throw .route(text, "has a handler for \(method.name) already")
            }
            routes[index].targets.append(RouteMethod(method: method.name, target: target, access: access))
            return
        }
        guard routes.count < Self.routesMax else { throw .route(text, "is one more than \(Self.routesMax)") }
        let index = routes.count
        routes.append(
            Route(template: template, targets: [RouteMethod(method: method.name, target: target, access: access)]))
        if template.isLiteral {
            literals[text] = index
        } else {
            let routes = routes
            templates.append(index)
            templates.sort { Self.isMoreSpecific(routes[$0].template, routes[$1].template) }
        }
    }

    /// The same routes in memory of their own: loops that shared it would wait for each other's reference counts.
    func unshared() -> RouteTable {
        var copy = RouteTable()
        copy.routes = routes.map { route in
            Route(template: RouteTemplate(copyOf: route.template), targets: route.targets.map { $0 })
        }
        for (index, route) in copy.routes.enumerated() where route.template.isLiteral {
            copy.literals[route.template.text] = index
        }
        copy.templates = templates.map { $0 }
        return copy
    }

    /// The route for a raw path: a literal one first, then the template whose literals reach furthest.
    func find(_ path: UnsafeRawBufferPointer) -> (index: Int, parameters: [String: String])? {
        if let index = literals[String(decoding: path, as: UTF8.self)] { return (index, [:]) }
        for index in templates {
            if let parameters = routes[index].template.match(path) { return (index, parameters) }
        }
        return nil
    }

    private static func isMoreSpecific(_ left: RouteTemplate, _ right: RouteTemplate) -> Bool {
        for (leftSegment, rightSegment) in zip(left.segments, right.segments) {
            switch (leftSegment, rightSegment) {
            case (.literal, .parameter): return true
            case (.parameter, .literal): return false
            default: continue
            }
        }
        return left.segments.count > right.segments.count
    }
}
