// SPDX-License-Identifier: Apache-2.0

/// The rules for names: they become URL paths, label values and lines that scripts search.
enum CheckName {
    /// Paths under `/health/` that are not checks.
    private static let reserved: Set<String> = [
        "live", "ready", "startup", "components", "metrics", "incidents", "history", ".", "..",
    ]

    /// Accepts 1 to 64 of `A-Z a-z 0-9 _ . -`.
    ///
    /// Anything containing `healthy` is refused: watchers search whole bodies for that word, and a name must not put it
    /// there.
    static func validate(_ name: String) throws(HealthError) {
        guard !name.isEmpty else { throw HealthError(.invalidName, "check \"\": name is empty; give it a name") }
        guard name.utf8.count <= 64 else {
            throw HealthError(
                .invalidName, "check \"\(name.prefix(64))...\": name has \(name.utf8.count) bytes; use at most 64")
        }
        for (position, byte) in name.utf8.enumerated() where !isAllowed(byte) {
            let shown = Character(UnicodeScalar(byte < 0x80 ? byte : UInt8(ascii: "?")))
            throw HealthError(
                .invalidName,
                "check \"\(name)\": name has \"\(shown)\" at byte \(position); use letters, digits, _ . and -")
        }
        guard !reserved.contains(name) else {
            throw HealthError(.invalidName, "check \"\(name)\": name is reserved for a path; use another")
        }
        guard !name.lowercased().contains("healthy") else {
            throw HealthError(
                .invalidName, "check \"\(name)\": name contains \"healthy\", which watchers search for; use another")
        }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
