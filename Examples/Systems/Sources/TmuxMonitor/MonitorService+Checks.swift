// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes
import Instrument

extension MonitorService {
    /// The guide's schedule: components every 30 s, resources every 2 min, cycle times every 5 min, the state's
    /// integrity every 15 min.
    func registerChecks() throws {
        try registerComponents()
        try registerPerformance()
        try registerResources()
        try registerState()
    }

    /// Green, yellow and red: a critical component that fails is red, any other one yellow.
    private func registerComponents() throws {
        let monitor = monitor
        for component in Component.allCases {
            var options = CheckOptions()
            options.dependsOn = component.dependsOn.map(\.rawValue)
            options.tags = ["component"]
            try health.register(
                component.rawValue, .readiness, critical: component.isCritical, every: settings.realTime,
                options: options
            ) { try monitor.board.require(component) }
            try health.recover(component.rawValue) { try monitor.restart(component) }
        }
        try health.register(
            "component_restarts", .info, every: settings.realTime,
            .restartLoop(monitor.restarts, max: 3, within: .seconds(3_600)))
    }

    /// Cycle times by the number of agents, in milliseconds, and by what is usual.
    private func registerPerformance() throws {
        let (history, metrics) = (monitor.history, metrics)
        let targets = CycleTargets.standard
        try health.register(
            "cycle_time", .info, critical: true, every: settings.performance,
            .threshold(
                .above(byLoad: { metrics.agentsTotal.value }, targets.rows), unit: "ms"
            ) { history.recentMilliseconds })
        try health.register(
            "cycle_baseline", .info, critical: true, every: settings.performance,
            .threshold(
                .above(
                    baseline: { max(history.usualMilliseconds, targets.target(agents: metrics.agentsTotal.value)) },
                    warn: 1.5, fail: 2), unit: "ms"
            ) { history.recentMilliseconds })
        let window = max(.seconds(60) / settings.divisor, settings.realTime * 4)
        try health.register(
            "error_rate", .info, every: settings.realTime,
            .rate(of: metrics.errors, per: .seconds(60), over: window, .above(warn: 5)))
        try health.register(
            "detection_accuracy", .info, every: settings.realTime,
            .threshold(metrics.detectedShare, .below(warn: 95), unit: "percent"))
    }

    private func registerResources() throws {
        try health.register(
            "memory", .info, critical: true, every: settings.resource,
            .threshold(.above(warn: 150, fail: 200), unit: "MB") { try OwnUsage.memoryMegabytes() })
        let meter = ProcessorMeter()
        var options = CheckOptions()
        options.initialDelay = settings.resource
        try health.register(
            "cpu", .info, every: settings.resource, options: options,
            .threshold(.above(warn: 20, fail: 30), unit: "percent") { meter.percent() })
    }

    /// The state file: how large and old it is, and whether it reads back. One that does not is set aside.
    private func registerState() throws {
        let monitor = monitor
        let path = monitor.stateFile.path
        let save = settings.stateSave / .seconds(1)
        var options = CheckOptions()
        options.dependsOn = [Component.stateStore.rawValue]
        try health.register(
            "state_file", .info, every: settings.resource, options: options,
            .file(
                path, age: .above(warn: 3 * save, fail: 10 * save),
                size: .above(warn: 20 * 1_048_576, fail: 50 * 1_048_576)))
        try health.register(
            "state_integrity", .info, critical: true, every: settings.integrity, options: options,
            .file(path, validate: StateStore.validate))
        try health.recover("state_integrity") { try monitor.restart(.stateStore) }
    }
}

/// The guide's table of cycle times.
struct CycleTargets: Sendable {
    /// Up to so many agents: the target, and the limits, in milliseconds.
    var table: [(agentsMax: Double, target: Double, warn: Double, fail: Double)]

    static let standard = CycleTargets(table: [
        (10, 20, 30, 50), (25, 40, 60, 100), (50, 80, 120, 200), (100, 160, 250, 400), (.infinity, 350, 500, 750),
    ])

    /// The limits as a threshold wants them.
    var rows: [Threshold.Row] { table.map { Threshold.Row(upTo: $0.agentsMax, warn: $0.warn, fail: $0.fail) } }

    /// The target for so many agents.
    func target(agents: Double) -> Double { table.first { agents <= $0.agentsMax }?.target ?? 0 }
}

/// How much CPU time this process used since the last look, in percent of one core.
private final class ProcessorMeter: @unchecked Sendable {
    /// The lock guards `last`, all that changes here.
    private let lock = NSLock()
    private var last = (wall: ContinuousClock.now, used: OwnUsage.processorSeconds())

    func percent() -> Double {
        lock.withLock {
            let now = (wall: ContinuousClock.now, used: OwnUsage.processorSeconds())
            defer { last = now }
            let seconds = (now.wall - last.wall) / .seconds(1)
            return seconds > 0 ? 100 * (now.used - last.used) / seconds : 0
        }
    }
}
