// SPDX-License-Identifier: Apache-2.0

/// The parts of Grafana's dashboard model that are used; names are Grafana's.
struct DashboardJSON: Encodable {
    let uid: String
    let title: String
    let tags: [String]
    let templating: Templating
    let panels: [Panel]
    let schemaVersion = 39
    let version = 1
    let editable = true
    let refresh = "30s"
    let time = Span()
    let timezone = "browser"
    let graphTooltip = 1

    struct Span: Encodable {
        let from = "now-1h"
        let to = "now"
    }

    struct Templating: Encodable {
        let list: [Variable]
    }

    /// The variable that chooses the data source.
    struct Variable: Encodable {
        let name = "datasource"
        let label = "Data source"
        let type = "datasource"
        let query = "prometheus"
        let hide = 0
        let includeAll = false
        let multi = false
        let refresh = 1
    }

    struct DataSource: Encodable {
        let type = "prometheus"
        let uid: String
    }

    struct Place: Encodable {
        let h: Int
        let w: Int
        let x: Int
        let y: Int
    }

    struct Target: Encodable {
        let datasource: DataSource
        let expr: String
        let format: String
        let instant: Bool
        let legendFormat: String
        let range: Bool
        let refId: String
    }

    struct FieldConfig: Encodable {
        struct Defaults: Encodable {
            let unit: String
        }

        let defaults: Defaults
        let overrides: [String] = []

        init(unit: PanelUnit) { defaults = Defaults(unit: unit.name) }
    }

    struct Panel: Encodable {
        var datasource: DataSource?
        var description: String?
        var fieldConfig: FieldConfig?
        let gridPos: Place
        let id: Int
        var targets: [Target]?
        let title: String
        let type: String
        var collapsed: Bool?
        var panels: [String]?

        /// A section's heading.
        static func row(id: Int, _ title: String, top: Int) -> Panel {
            Panel(
                gridPos: Place(h: 1, w: 24, x: 0, y: top), id: id, title: title, type: "row", collapsed: false,
                panels: [])
        }
    }
}
