// SPDX-License-Identifier: Apache-2.0

import Foundation
import HealthProbes

// Scenes that need a process of their own: what they do to signals, threads or the cooperative pool would disturb a test
// run. Each prints `name=value` lines and exits with 0 if it went to its end.

let scenes: [String: @Sendable ([String]) async throws -> Void] = [
    "drain": drainScene,
    "blocked-pool": blockedPoolScene,
    "serve": serveScene,
    "kubelet": kubeletScene,
    "suspend": suspendScene,
    "cost": costScene,
]
guard CommandLine.arguments.count >= 2, let scene = scenes[CommandLine.arguments[1]] else {
    say("usage: HealthRig \(scenes.keys.sorted().joined(separator: "|")) [ARGUMENT...]", to: 2)
    exit(64)
}
do {
    try await scene(Array(CommandLine.arguments.dropFirst(2)))
} catch {
    say("HealthRig: \(error)", to: 2)
    exit(70)
}
