// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Prometheus' configuration
/// ([configuration](https://prometheus.io/docs/prometheus/latest/configuration/configuration/)).
struct PrometheusFile {
    static let name = "prometheus.yml"

    let job: String
    let settings: ScrapeSettings
    let site: ArtifactSite

    /// The document.
    ///
    /// - Throws: `ServerError` for an interval or a target that cannot be, and when the token's file is missing.
    func yaml() throws(ServerError) -> YAML {
        guard settings.interval >= .seconds(1), settings.interval <= .seconds(3_600) else {
            throw ServerError(
                .invalidArtifact, "scrape.interval: is \(settings.interval); use a second to an hour")
        }
        for name in settings.externalLabels.keys.sorted() where !PromQLText.isName(name) {
            throw ServerError(
                .invalidArtifact, "scrape.externalLabels \"\(name)\": is no label's name; use letters, digits and _")
        }
        let interval = YAML.text(PromQLText.duration(settings.interval))
        var global: [YAML.Entry] = [.init("scrape_interval", interval), .init("evaluation_interval", interval)]
        if !settings.externalLabels.isEmpty {
            global.append(.init("external_labels", .map(texts: settings.externalLabels.sorted { $0.key < $1.key })))
        }
        var entries: [YAML.Entry] = [
            .init("global", .map(global)), .init("rule_files", .list([.text(AlertRuleFile.name)])),
        ]
        if !settings.alertmanagers.isEmpty {
            entries.append(
                .init(
                    "alerting",
                    .map([
                        .init(
                            "alertmanagers", .list([.map([.init("static_configs", targets(settings.alertmanagers))])]))
                    ])
                ))
        }
        entries.append(.init("scrape_configs", .list(try scrapes())))
        return .map(entries)
    }

    /// One scrape for the metrics, and one for each group on a path of its own.
    private func scrapes() throws(ServerError) -> [YAML] {
        let hosts = settings.targets.isEmpty ? [try site.target()] : settings.targets
        for host in hosts + settings.alertmanagers {
            guard host.isEmpty || host.contains("/") || host.contains(where: \.isWhitespace) else { continue }
            throw ServerError(.invalidArtifact, "target \"\(host)\": is no host:port; leave scheme and path out")
        }
        guard site.servesMetrics else { return [] }
        guard settings.tokenFile != "" else {
            throw ServerError(.invalidArtifact, "scrape.tokenFile: is empty; name the file with the token, or nil")
        }
        guard !site.protectsMetrics || settings.tokenFile != nil else {
            throw ServerError(
                .invalidArtifact,
                "scrape.tokenFile: is not set, but the endpoint protects its metrics; name the file with the token")
        }
        var scrapes: [YAML] = []
        let switchedOff = site.paths.switchedOff
        if let path = site.paths.metrics, !switchedOff.contains(path) { scrapes.append(scrape(job, path, hosts)) }
        for group in site.groups where !switchedOff.contains(group.path) {
            // The rules ask for one job; the path tells `up` of the group from that of the service.
            scrapes.append(
                scrape("\(job)\(group.path)", group.path, hosts, labels: [("job", job), ("metrics_path", group.path)]))
        }
        return scrapes
    }

    private func scrape(
        _ name: String, _ path: String, _ hosts: [String], labels: [(String, String)] = []
    ) -> YAML {
        var entries: [YAML.Entry] = [
            .init("job_name", .text(name)), .init("metrics_path", .text(path)),
        ]
        if let file = settings.tokenFile {
            entries.append(.init("authorization", .map(texts: [("credentials_file", file)])))
        }
        entries.append(.init("static_configs", targets(hosts, labels: labels)))
        return .map(entries)
    }

    private func targets(_ hosts: [String], labels: [(String, String)] = []) -> YAML {
        var entries: [YAML.Entry] = [.init("targets", .list(hosts.map(YAML.text)))]
        if !labels.isEmpty { entries.append(.init("labels", .map(texts: labels))) }
        return .list([.map(entries)])
    }
}
