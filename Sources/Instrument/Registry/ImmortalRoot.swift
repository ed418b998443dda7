// SPDX-License-Identifier: Apache-2.0

/// Keeps every family of the process alive, and with it all memory that handles point into.
///
/// A handle is a plain address, so nothing it leads to may ever be freed. A registry that a program throws away stays
/// here: make registries at start, not per request.
enum ImmortalRoot {
    private static let kept = Lock<[FamilyStorage]>([])

    /// Keeps `storage` for the life of the process.
    static func keep(_ storage: FamilyStorage) { kept.withLock { $0.append(storage) } }
}
