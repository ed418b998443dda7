// SPDX-License-Identifier: Apache-2.0

import Instrument

/// One of Kubernetes' probes
/// ([probe](https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)).
public struct KubernetesProbe: Sendable, Equatable {
    /// The command whose exit code tells; nil asks the endpoint.
    public var command: [String]?
    /// How long after the start it begins.
    public var initialDelay: Duration
    /// How often it asks.
    public var period: Duration
    /// How long an answer may take.
    public var timeout: Duration
    /// How many failures in a row count as one.
    public var failureThreshold: Int

    /// Describes a probe.
    ///
    /// - Parameters:
    ///   - command: the command whose exit code tells; nil asks the endpoint.
    ///   - initialDelay: how long after the start it begins; whole seconds, as all of these.
    ///   - period: how often it asks.
    ///   - timeout: how long an answer may take.
    ///   - failureThreshold: how many failures in a row count as one.
    public init(
        command: [String]? = nil, initialDelay: Duration = .zero, period: Duration = .seconds(10),
        timeout: Duration = .seconds(2), failureThreshold: Int = 3
    ) {
        self.command = command
        self.initialDelay = initialDelay
        self.period = period
        self.timeout = timeout
        self.failureThreshold = failureThreshold
    }
}

/// How containers are asked whether they are well.
public struct ProbeSettings: Sendable, Equatable {
    /// Whether the process must be restarted.
    public var liveness = KubernetesProbe()
    /// Whether it may be sent requests.
    public var readiness = KubernetesProbe(period: .seconds(5))
    /// Whether it has started; the others wait for it.
    public var startup = KubernetesProbe(period: .seconds(2), failureThreshold: 60)
    /// The container's name; nil takes the job.
    public var container: String?
    /// The command that asks the service itself, such as `["/app/service", "health"]`, for images without curl; with it
    /// a file for the image's `HEALTHCHECK` is made.
    public var selfProbe: [String]?

    /// The defaults.
    public init() {}
}
