// SPDX-License-Identifier: Apache-2.0

import Instrument

/// One of Kubernetes' probes
/// ([probe](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)).
public struct KubernetesProbe: Sendable, Equatable {
    /// The command whose exit code tells; nil asks the endpoint.
    public var command: [String]?
    /// How long after the start it begins.
    public var initialDelay: Duration
    /// How often it asks.
    public var period: Duration
    /// How long an answer may take.
    public var timeout: Duration
    /// How many failures in a row count as one.
    public var failureThreshold: Int

    /// Describes a probe.
    ///
    /// - Parameters:
    ///   - command: the command whose exit code tells; nil asks the endpoint.
    ///   - initialDelay: how long after the start it begins; whole seconds, as all of these.
    ///   - period: how often it asks.
    ///   - timeout: how long an answer may take.
    ///   - failureThreshold: how many failures in a row count as one.
    public init(
        command: [String]? = nil, initialDelay: Duration = .zero, period: Duration = .seconds(10),
        timeout: Duration = .seconds(2), failureThreshold: Int = 3
    ) {
        self.command = command
        self.initialDelay = initialDelay
        self.period = period
        self.timeout = timeout
        self.failureThreshold = failureThreshold
    }
}

/// How containers are asked whether they are well.
public struct ProbeSettings: Sendable, Equatable {
    /// Whether the process must be restarted.
    public var liveness = KubernetesProbe()
    /// Whether it may be sent requests.
    public var readiness = KubernetesProbe(period: .seconds(5))
    /// Whether it has started; the others wait for it.
    public var startup = KubernetesProbe(period: .seconds(2), failureThreshold: 60)
    /// The container's name; nil takes the job.
    public var container: String?
    /// The command that asks the service itself, such as `["/app/service", "health"]`, for images without curl; with it
    /// a file for the image's `HEALTHCHECK` is made.
    public var selfProbe: [String]?

    /// The defaults.
    public init() {}
}

/// Kubernetes' probes as a patch of a deployment, and the image's health check.
struct ProbeFiles {
    let job: String
    let settings: ProbeSettings
    let site: ArtifactSite

    /// The patch: `kubectl patch deployment NAME --patch-file kubernetes.yml`.
    ///
    /// - Throws: `ServerError` for timings that Kubernetes refuses, and for a probe whose path is switched off.
    func kubernetes() throws(ServerError) -> YAML {
        let port = try site.knownPort()
        let name = settings.container ?? DashboardFile.slug(job)
        guard (1...63).contains(name.utf8.count), DashboardFile.slug(name) == name else {
            throw ServerError(
                .invalidArtifact, "container \"\(name)\": use 1 to 63 lower-case letters, digits and single -")
        }
        let container: [YAML.Entry] = [
            .init("name", .text(name)),
            .init(
                "ports", .list([.map([.init("name", .text("metrics")), .init("containerPort", .number(port))])])),
            .init("livenessProbe", try probe("liveness", settings.liveness, site.paths.livez, port)),
            .init("readinessProbe", try probe("readiness", settings.readiness, site.paths.readyz, port)),
            .init("startupProbe", try probe("startup", settings.startup, site.paths.startupz, port)),
        ]
        let pod = YAML.map([.init("spec", .map([.init("containers", .list([.map(container)]))]))])
        return .map([.init("spec", .map([.init("template", pod)]))])
    }

    private func probe(
        _ name: String, _ probe: KubernetesProbe, _ path: String?, _ port: Int
    ) throws(ServerError) -> YAML {
        func wrong(_ what: String) -> ServerError { ServerError(.invalidArtifact, "probe \"\(name)\": \(what)") }
        var entries: [YAML.Entry] = []
        if let command = probe.command {
            guard !command.isEmpty else { throw wrong("its command is empty; give one, or nil") }
            entries.append(.init("exec", .map([.init("command", .list(command.map(YAML.text)))])))
        } else {
            guard let path else { throw wrong("its path is switched off; give a command, or the path") }
            entries.append(
                .init("httpGet", .map([.init("path", .text(path)), .init("port", .number(port))])))
        }
        for (key, duration, least) in [
            ("initialDelaySeconds", probe.initialDelay, 0), ("periodSeconds", probe.period, 1),
            ("timeoutSeconds", probe.timeout, 1),
        ] {
            let seconds = duration.components.seconds
            guard duration == .seconds(seconds), seconds >= least, seconds <= 3_600 else {
                throw wrong("\(key) is \(duration); use whole seconds from \(least) to 3600")
            }
            entries.append(.init(key, .number(Int(seconds))))
        }
        guard (1...1_000).contains(probe.failureThreshold) else {
            throw wrong("failureThreshold is \(probe.failureThreshold); use 1 to 1000")
        }
        entries.append(.init("failureThreshold", .number(probe.failureThreshold)))
        return .map(entries)
    }

    /// The `HEALTHCHECK` instruction
    /// ([reference](https://docs.docker.com/reference/dockerfile/#healthcheck)); nil without a command.
    func healthcheck() throws(ServerError) -> String? {
        guard let command = settings.selfProbe else { return nil }
        guard !command.isEmpty else {
            throw ServerError(.invalidArtifact, "selfProbe: its command is empty; give one, or nil")
        }
        let liveness = settings.liveness
        let start = settings.startup.period * settings.startup.failureThreshold + settings.startup.initialDelay
        let words = command.map { PromQLText.quoted($0) }.joined(separator: ", ")
        return """
            # Add this to the image's Dockerfile.
            HEALTHCHECK --interval=\(PromQLText.duration(liveness.period)) --timeout=\(PromQLText.duration(liveness.timeout)) \
            --start-period=\(PromQLText.duration(start)) --retries=\(liveness.failureThreshold) \\
              CMD [\(words)]

            """
    }
}
