// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Kubernetes' probes as a patch of a deployment, and the image's health check.
struct ProbeFiles {
    static let name = "kubernetes.yml"

    let job: String
    let settings: ProbeSettings
    let site: ArtifactSite

    /// The patch: `kubectl patch deployment NAME --patch-file kubernetes.yml`.
    ///
    /// - Throws: `ServerError` for timings that Kubernetes refuses.
    func kubernetes() throws(ServerError) -> YAML {
        let port = try site.knownPort()
        let name = settings.container ?? DashboardFile.slug(job)
        guard (1...63).contains(name.utf8.count), DashboardFile.slug(name) == name else {
            throw ServerError(
                .invalidArtifact, "container \"\(name)\": use 1 to 63 lower-case letters, digits and single -")
        }
        var container: [YAML.Entry] = [
            .init("name", .text(name)),
            .init(
                "ports", .list([.map([.init("name", .text("metrics")), .init("containerPort", .number(port))])])),
        ]
        for (key, probe, path) in [
            ("livenessProbe", settings.liveness, site.paths.livez),
            ("readinessProbe", settings.readiness, site.paths.readyz),
            ("startupProbe", settings.startup, site.paths.startupz),
        ] {
            let served = path.flatMap { site.paths.switchedOff.contains($0) ? nil : $0 }
            if let yaml = try yaml(of: probe, key, path: served, port) { container.append(.init(key, yaml)) }
        }
        let pod = YAML.map([.init("spec", .map([.init("containers", .list([.map(container)]))]))])
        return .map([.init("spec", .map([.init("template", pod)]))])
    }

    /// nil for a probe that would ask for a path that is switched off.
    private func yaml(
        of probe: KubernetesProbe, _ name: String, path: String?, _ port: Int
    ) throws(ServerError) -> YAML? {
        func wrong(_ what: String) -> ServerError { ServerError(.invalidArtifact, "\(name): \(what)") }
        var timings: [YAML.Entry] = []
        for (key, duration, least) in [
            ("initialDelaySeconds", probe.initialDelay, 0), ("periodSeconds", probe.period, 1),
            ("timeoutSeconds", probe.timeout, 1),
        ] {
            let seconds = duration.components.seconds
            guard duration == .seconds(seconds), seconds >= least, seconds <= 3_600 else {
                throw wrong("\(key) is \(duration); use whole seconds from \(least) to 3600")
            }
            timings.append(.init(key, .number(Int(seconds))))
        }
        guard (1...1_000).contains(probe.failureThreshold) else {
            throw wrong("failureThreshold is \(probe.failureThreshold); use 1 to 1000")
        }
        timings.append(.init("failureThreshold", .number(probe.failureThreshold)))
        // The image's health check takes the timings of a probe that is left out, too: they were checked before.
        if let command = probe.command {
            guard !command.isEmpty else { throw wrong("its command is empty; give one, or nil") }
            return .map([.init("exec", .map([.init("command", .list(command.map(YAML.text)))]))] + timings)
        }
        guard let path else { return nil }
        return .map(
            [.init("httpGet", .map([.init("path", .text(path)), .init("port", .number(port))]))] + timings)
    }

    /// The `HEALTHCHECK` instruction
    /// ([reference](https://docs.docker.com/reference/dockerfile/#healthcheck)); nil without a command. For timings that
    /// ``kubernetes()`` has accepted.
    func healthcheck() throws(ServerError) -> String? {
        guard let command = settings.selfProbe else { return nil }
        guard !command.isEmpty else {
            throw ServerError(.invalidArtifact, "selfProbe: its command is empty; give one, or nil")
        }
        // Docker knows no days.
        func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)s" }
        let liveness = settings.liveness
        let start = settings.startup.period * settings.startup.failureThreshold + settings.startup.initialDelay
        var words = ByteBuffer(capacity: 128)
        for (index, word) in command.enumerated() {
            if index > 0 { words.append(", ") }
            words.append(json: word)
        }
        return """
            # Add this to the image's Dockerfile.
            HEALTHCHECK --interval=\(seconds(liveness.period)) --timeout=\(seconds(liveness.timeout)) \
            --start-period=\(seconds(start)) --retries=\(liveness.failureThreshold) \\
              CMD [\(words.makeString())]

            """
    }
}
