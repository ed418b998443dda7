// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HealthProbes

@Suite struct CheckNameTests {
    @Test(arguments: ["db", "disk_space", "a.b-c", "A9", String(repeating: "x", count: 64), "health", "live2"])
    func acceptsNames(name: String) throws {
        try CheckName.validate(name)
    }

    @Test(arguments: [
        "", ".", "..", "live", "ready", "startup", "components", "db check", "a/b", "é", "healthy", "unhealthy-db",
        "isHealthy", String(repeating: "x", count: 65), "a\n",
    ])
    func refusesNames(name: String) {
        let error = #expect(throws: HealthError.self) { try CheckName.validate(name) }
        #expect(error?.code == .invalidName)
    }

    @Test func errorNamesTheByteAndTheRemedy() {
        let error = #expect(throws: HealthError.self) { try CheckName.validate("db check") }
        #expect(
            error?.description
                == "check \"db check\": name has \" \" at byte 2; use letters, digits, _ . and -")
    }
}
