// SPDX-License-Identifier: Apache-2.0

/// Where a service is in its life: starting, started, ready, maintenance and back, draining, stopped.
///
/// Draining is a latch: there is no way back.
public enum LifecyclePhase: String, Sendable, Hashable, CaseIterable {
    /// Startup checks have not all passed yet.
    case starting
    /// Startup is over; readiness has not passed yet.
    case started
    /// Readiness has passed at least once.
    case ready
    /// Switched out of service by hand.
    case maintenance
    /// Ending: no new traffic, what is in flight is finished.
    case draining
    /// The drain is over.
    case stopped
}
