// SPDX-License-Identifier: Apache-2.0

/// A path with named places, such as `/items/:id`; matched against the raw path, segment by segment.
struct RouteTemplate: Sendable, Equatable {
    enum Segment: Sendable, Equatable {
        case literal([UInt8])
        case parameter(String)
    }

    /// As written: the value for labels.
    let text: String
    let segments: [Segment]

    /// Reads a template.
    ///
    /// - Throws: `ServerError.Code.invalidRoute`, saying what is wrong with it.
    init(_ text: String) throws(ServerError) {
        guard text.utf8.first == UInt8(ascii: "/") else { throw .route(text, "does not start with /") }
        guard text.utf8.count <= 1_024 else { throw .route(text, "has more than 1,024 bytes") }
        guard text.utf8.allSatisfy({ ByteClass.target.contains($0) && $0 != UInt8(ascii: "?") }) else {
            throw .route(text, "has a byte that no path on the wire has; percent-encode it")
        }
        var segments: [Segment] = []
        var names: Set<String> = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard part.first == UInt8(ascii: ":") else {
                segments.append(.literal(Array(part)))
                continue
            }
            let name = String(decoding: part.dropFirst(), as: UTF8.self)
            guard !name.isEmpty else { throw .route(text, "has a parameter without a name") }
            guard names.insert(name).inserted else { throw .route(text, "has the parameter :\(name) twice") }
            segments.append(.parameter(name))
        }
        self.text = text
        self.segments = segments
    }

    /// The same template in memory of its own.
    init(copyOf other: RouteTemplate) {
        text = String(decoding: Array(other.text.utf8), as: UTF8.self)
        segments = other.segments.map { segment in
            switch segment {
            case .literal(let bytes): .literal(bytes.map { $0 })
            case .parameter(let name): .parameter(String(decoding: Array(name.utf8), as: UTF8.self))
            }
        }
    }

    /// Whether nothing in it is named.
    var isLiteral: Bool {
        segments.allSatisfy {
            if case .literal = $0 { true } else { false }
        }
    }

    /// Whether two templates match exactly the same paths.
    func matchesSamePaths(as other: RouteTemplate) -> Bool {
        segments.count == other.segments.count
            && zip(segments, other.segments).allSatisfy { left, right in
                switch (left, right) {
                case (.literal(let left), .literal(let right)): left == right
                case (.parameter, .parameter): true
                default: false
                }
            }
    }

    /// The parameters' values when `path` matches, else nil. A parameter never matches an empty segment.
    func match(_ path: UnsafeRawBufferPointer) -> [String: String]? {
        guard path.first == UInt8(ascii: "/") else { return nil }
        var parameters: [String: String] = [:]
        var position = 1
        for (index, segment) in segments.enumerated() {
            let end = path[position...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
            let part = path[position..<end]
            switch segment {
            case .literal(let literal): guard part.elementsEqual(literal) else { return nil }
            case .parameter(let name):
                guard !part.isEmpty else { return nil }
                parameters[name] = percentDecoded(part, plusIsSpace: false)
            }
            if index == segments.count - 1 { return end == path.count ? parameters : nil }
            guard end < path.count else { return nil }
            position = end + 1
        }
        return nil
    }
}

extension ServerError {
    static func route(_ template: String, _ problem: String) -> ServerError {
        ServerError(.invalidRoute, "route \"\(template)\": \(problem); use a path such as /items/:id")
    }
}
