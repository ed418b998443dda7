// SPDX-License-Identifier: Apache-2.0

/// The alert rules of a service and their unit tests, for Prometheus and promtool
/// ([alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/),
/// [unit testing](https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/)).
struct AlertRuleFile {
    static let name = "alerts.yml"
    static let testName = "alerts.test.yml"

    let job: String
    let rules: [AlertRule]

    /// Groups in order of their first rule.
    private var groups: [(name: String, rules: [AlertRule])] {
        var groups: [(name: String, rules: [AlertRule])] = []
        for rule in rules {
            if let index = groups.firstIndex(where: { $0.name == rule.group }) {
                groups[index].rules.append(rule)
            } else {
                groups.append((rule.group, [rule]))
            }
        }
        return groups
    }

    /// The rules.
    var yaml: YAML {
        .map([
            .init(
                "groups",
                .list(
                    groups.map { group in
                        .map([
                            .init("name", .text("\(job)-\(group.name)")),
                            .init("rules", .list(group.rules.map(\.yaml))),
                        ])
                    }))
        ])
    }

    /// A test for each rule: quiet, then firing, then clear.
    ///
    /// - Throws: `ServerError` for a rule that no series would make fire and clear.
    func tests(_ catalogue: MetricCatalogue) throws(ServerError) -> YAML {
        let step = step
        var tests: [YAML] = []
        for rule in rules {
            let labels = TrialLabels(catalogue: catalogue, job: job, scope: rule.scope)
            do throws(ServerError) {
                let planner = TrialPlanner(labels: labels, step: step, wait: rule.wait)
                tests.append(try test(of: rule, try planner.trial(of: rule.condition), step))
            } catch {
                throw rule.naming(error)
            }
        }
        return .map([
            .init("rule_files", .list([.text(Self.name)])),
            .init("evaluation_interval", .text(PromQLText.duration(step))),
            .init("tests", .list(tests)),
        ])
    }

    /// How far apart samples and evaluations are: near enough for every rule, and no nearer, since promtool evaluates all
    /// rules at each step of each test.
    private var step: Duration {
        let seconds = (rules.compactMap(\.condition.stepMax).min() ?? .seconds(120)).components.seconds
        return .seconds(max(1, min(120, seconds)))
    }

    private func test(of rule: AlertRule, _ trial: Trial, _ step: Duration) throws(ServerError) -> YAML {
        func samples(_ duration: Duration) -> Int {
            Int((PromQLText.seconds(duration) / PromQLText.seconds(step)).rounded(.up)) + 2
        }
        let counts = [samples(trial.lead), samples(trial.reaction + rule.wait), samples(trial.recovery)]
        var series: [YAML] = []
        for (name, phases) in trial.series.sorted(by: { $0.key < $1.key }) {
            let values = try TrialSeries(name: name, phases: zip(phases, counts).map { ($0, $1) })
                .values(step: PromQLText.seconds(step))
            series.append(.map(texts: [("series", name), ("values", values)]))
        }
        // The last sample of each phase.
        var times: [Duration] = []
        var total = 0
        for count in counts {
            total += count
            times.append(step * (total - 1))
        }
        return .map([
            .init("name", .text("\(rule.name) \(rule.severity.rawValue) fires and clears")),
            .init("interval", .text(PromQLText.duration(step))),
            .init("input_series", .list(series)),
            .init(
                "promql_expr_test",
                .list(zip(times, [false, true, false]).map { expectation(rule, firing: $1, at: $0) })),
        ])
    }

    /// Whether the rule fires: by the series that Prometheus itself writes about it, so that its annotations may hold
    /// values.
    private func expectation(_ rule: AlertRule, firing: Bool, at time: Duration) -> YAML {
        let labels = [
            LabelMatcher("alertname", .equal, rule.name), LabelMatcher("severity", .equal, rule.severity.rawValue),
        ]
        let alerts = MetricSelector(
            name: "ALERTS", matchers: [labels[0], LabelMatcher("alertstate", .equal, "firing"), labels[1]])
        let sample = YAML.map([
            .init("labels", .text("{\(labels.map(\.text).joined(separator: ", "))}")), .init("value", .number(1)),
        ])
        return .map([
            .init("expr", .text("count by (alertname, severity) (\(alerts.text())) > bool 0")),
            .init("eval_time", .text(PromQLText.duration(time))),
            .init("exp_samples", .list(firing ? [sample] : [])),
        ])
    }
}
