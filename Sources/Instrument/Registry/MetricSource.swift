// SPDX-License-Identifier: Apache-2.0

/// A metric or a family of metrics of a registry, where either will do.
public protocol MetricSource: Sendable {
    /// The family.
    var familyReference: FamilyReference { get }
}

/// Where a family lives.
///
/// `@unchecked Sendable`: an address of immortal memory whose changing words are atomics.
public struct FamilyReference: @unchecked Sendable {
    let head: UnsafeMutablePointer<FamilyHead>
}

extension Metric {
    /// The family of the handle's series.
    public var familyReference: FamilyReference { FamilyReference(head: series.head) }
}

extension Family: MetricSource {
    /// The family itself.
    public var familyReference: FamilyReference { FamilyReference(head: head) }
}
