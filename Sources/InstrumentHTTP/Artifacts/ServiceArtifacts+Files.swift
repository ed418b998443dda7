// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension ServiceArtifacts {
    /// Generates all files.
    ///
    /// - Throws: ``ServerError/Code/invalidArtifact`` for an alert or panel that does not fit what is registered.
    public func files() throws(ServerError) -> [ArtifactFile] {
        let catalogue = catalogue
        let rules = try alertRules(catalogue)
        let alerts = AlertRuleFile(job: job, rules: rules)
        let probeFiles = ProbeFiles(job: job, settings: probes, site: site)
        func file(_ name: String, _ yaml: YAML, _ comment: String) -> ArtifactFile {
            ArtifactFile(
                name: name, mediaType: .yaml, text: yaml.document(comment: "Generated for \(job). \(comment)"))
        }
        var files = [
            file(AlertRuleFile.name, alerts.yaml, "Try it: promtool test rules \(AlertRuleFile.testName)"),
            file(
                AlertRuleFile.testName, try alerts.tests(catalogue),
                "Each alert stays quiet, fires and clears: promtool test rules \(AlertRuleFile.testName)"),
            file(
                PrometheusFile.name, try PrometheusFile(job: job, settings: scrape, site: site).yaml(),
                "Use it: prometheus --config.file=\(PrometheusFile.name)"),
            file(
                AlertmanagerFile.name,
                try AlertmanagerFile(settings: alertmanager, rules: rules, catalogue: catalogue).yaml(),
                "Use it: alertmanager --config.file=\(AlertmanagerFile.name)"),
        ]
        for dashboard in try dashboardFiles(catalogue) {
            files.append(ArtifactFile(name: dashboard.fileName, mediaType: .json, text: try dashboard.text()))
        }
        files.append(
            file(
                ProbeFiles.name, try probeFiles.kubernetes(),
                "Use it: kubectl patch deployment NAME --patch-file \(ProbeFiles.name)"))
        if let text = try probeFiles.healthcheck() {
            files.append(ArtifactFile(name: "healthcheck.dockerfile", mediaType: .text, text: text))
        }
        return files
    }

    /// The service's dashboard, then the declared ones.
    private func dashboardFiles(_ catalogue: MetricCatalogue) throws(ServerError) -> [DashboardFile] {
        let defaults = DefaultSections(catalogue: catalogue, job: LabelMatcher("job", .equal, job))
        var own = Dashboard(job)
        if showsDefaultPanels { own.add(defaults.overview()) }
        for section in declaredSections { own.add(section) }
        if showsDefaultPanels { for section in defaults.everything() { own.add(section) } }
        let files =
            [DashboardFile(job: job, name: nil, dashboard: own, catalogue: catalogue)]
            + declaredDashboards.map {
                DashboardFile(job: job, name: $0.title, dashboard: $0, catalogue: catalogue)
            }
        var names: Set<String> = []
        for file in files {
            guard file.fileName.utf8.count <= 200 else {
                throw ServerError(
                    .invalidArtifact,
                    "dashboard \"\(file.dashboard.title)\": its file's name would have \(file.fileName.utf8.count) bytes; "
                        + "shorten it so that there are 200 at most")
            }
            guard names.insert(file.fileName).inserted, file.fileName != "dashboard-.json" else {
                throw ServerError(
                    .invalidArtifact,
                    "dashboard \"\(file.dashboard.title)\": its file would be \(file.fileName), which is taken or has "
                        + "no name; rename it")
            }
        }
        return files
    }

    /// Writes all files into a folder, which is made if it is missing; files of the same names are replaced.
    ///
    /// - Throws: ``ServerError``: as ``files()`` does, and when the folder cannot be written.
    public func write(to folder: String) throws(ServerError) {
        guard !folder.isEmpty, !folder.utf8.contains(0) else {
            throw ServerError(.system, "folder \"\(folder)\": is empty or has a NUL byte; choose another one")
        }
        let files = try files()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for file in files {
                try Array(file.text.utf8).withUnsafeBytes {
                    try AtomicFile.replace((folder as NSString).appendingPathComponent(file.name), with: $0)
                }
            }
        } catch {
            throw ServerError(.system, "folder \"\(folder)\": cannot be written: \(error); choose another one")
        }
    }
}
