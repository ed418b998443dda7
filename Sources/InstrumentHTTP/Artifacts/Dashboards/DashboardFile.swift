// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// A dashboard as Grafana imports it
/// ([dashboard JSON model](https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/)).
///
/// The data source is a variable, so that the file fits every Grafana.
struct DashboardFile {
    let job: String
    /// nil for the service's own dashboard.
    let name: String?
    let dashboard: Dashboard
    let catalogue: MetricCatalogue

    /// Panels that one dashboard may have.
    static let panelsMax = 500
    private static let source = DashboardJSON.DataSource(uid: "${datasource}")

    /// The file's name: `dashboard.json`, or `dashboard-queue.json` for "Queue".
    var fileName: String { name.map { "dashboard-\(Self.slug($0)).json" } ?? "dashboard.json" }

    /// The identifier, of which Grafana takes 40 characters: a longer one ends in a hash of the whole (FNV-1a), since
    /// dashboards that share one replace each other.
    private var uid: String {
        let slug = Self.slug(job) + (name.map { "-" + Self.slug($0) } ?? "")
        guard slug.utf8.count > 40 else { return slug }
        let hash = slug.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(slug.prefix(23))-\(String(hash, radix: 16))"
    }

    /// Lower-case letters and digits, all else as single `-`.
    static func slug(_ text: String) -> String {
        let letters = text.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return String(letters).split(separator: "-").joined(separator: "-")
    }

    /// The file's text.
    ///
    /// - Throws: `ServerError` for a panel that does not fit what is registered.
    func text() throws(ServerError) -> String {
        let json = DashboardJSON(
            uid: uid, title: dashboard.title, tags: ["instrument", job],
            templating: .init(list: [.init()]), panels: try panels())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(json), as: UTF8.self) + "\n"
        } catch {
            throw ServerError(.invalidArtifact, "dashboard \"\(dashboard.title)\": cannot be written: \(error)")
        }
    }

    private func panels() throws(ServerError) -> [DashboardJSON.Panel] {
        var panels: [DashboardJSON.Panel] = []
        var top = 0
        for section in dashboard.sections {
            panels.append(.row(id: panels.count + 1, section.title, top: top))
            top += 1
            var left = 0
            var rowHeight = 0
            for panel in section.panels {
                let resolved = try resolved(panel)
                let kind = resolved.kind ?? .graph
                let (width, height) = Self.size(kind)
                if left + width > 24 {
                    top += rowHeight
                    (left, rowHeight) = (0, 0)
                }
                let place = DashboardJSON.Place(h: height, w: width, x: left, y: top)
                panels.append(try json(of: resolved, kind, id: panels.count + 1, place))
                left += width
                rowHeight = max(rowHeight, height)
            }
            top += rowHeight
        }
        guard panels.count <= Self.panelsMax else {
            throw ServerError(
                .invalidArtifact,
                "dashboard \"\(dashboard.title)\": has \(panels.count) panels, allowed are \(Self.panelsMax); declare "
                    + "several dashboards")
        }
        return panels
    }

    /// Width in columns of 24, and height.
    private static func size(_ kind: PanelKind) -> (width: Int, height: Int) {
        switch kind {
        case .graph, .table: (12, 8)
        case .gauge: (6, 6)
        case .stat: (4, 4)
        }
    }

    /// A panel with what its registration says.
    private func resolved(_ panel: DashboardPanel) throws(ServerError) -> DashboardPanel {
        guard case .registered(let name) = panel.content else { return panel }
        do throws(ServerError) {
            let family = catalogue.families.first { $0.name == name }
            guard let family else {
                // Tells in the same words as for a query that the name is unknown.
                if let sample = try catalogue.find(MetricSelector(name)) {
                    throw ServerError(
                        .invalidArtifact,
                        "metric \"\(name)\": is a sample of \"\(sample.family.name)\"; name that, or give a query")
                }
                throw ServerError(
                    .invalidArtifact, "metric \"\(name)\": is another exporter's; give a query, such as .value")
            }
            return RegisteredPanels(catalogue: catalogue, job: LabelMatcher("job", .equal, job)).panel(of: family)
        } catch {
            throw naming(error, panel: name)
        }
    }

    private func json(
        of panel: DashboardPanel, _ kind: PanelKind, id: Int, _ place: DashboardJSON.Place
    ) throws(ServerError) -> DashboardJSON.Panel {
        let title = panel.title ?? ""
        guard case .queries(let targets) = panel.content, !targets.isEmpty, targets.count <= 26 else {
            throw naming(ServerError(.invalidArtifact, "has no queries, or more than 26; give 1 to 26"), panel: title)
        }
        var queries: [DashboardJSON.Target] = []
        for (letter, target) in zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", targets) {
            do throws(ServerError) {
                try target.query.check(catalogue)
            } catch {
                throw naming(error, panel: title)
            }
            let text = target.query.panelPromQL(in: panel.scope)
            queries.append(
                .init(
                    datasource: Self.source, expr: target.isZeroWithoutSeries ? "\(text) or on () vector(0)" : text,
                    format: kind == .table ? "table" : "time_series", instant: kind == .table,
                    legendFormat: target.legend.flatMap { $0.isEmpty ? nil : $0 } ?? "__auto", range: kind != .table,
                    refId: String(letter)))
        }
        let unit = panel.unit ?? targets[0].query.unit(catalogue)
        return .init(
            datasource: Self.source, description: panel.note, fieldConfig: .init(unit: unit), gridPos: place, id: id,
            targets: queries, title: title, type: kind.rawValue)
    }

    private func naming(_ error: ServerError, panel: String) -> ServerError {
        ServerError(.invalidArtifact, "dashboard \"\(dashboard.title)\", panel \"\(panel)\": \(error.description)")
    }
}

extension MetricQuery {
    /// The query for a panel, which shows 0 where an alert's query has no series: a share of failures before the first.
    func panelPromQL(in scope: [LabelMatcher]) -> String {
        guard case .rateRatio(let part, let whole, let window, let labels) = form else { return promQL(in: scope) }
        let some = MetricQuery.sum(.rate(part, over: window), by: labels).promQL(in: scope)
        let all = MetricQuery.sum(.rate(whole, over: window), by: labels).promQL(in: scope)
        return "(\(some) or \(all) * 0) / \(all)"
    }
}
