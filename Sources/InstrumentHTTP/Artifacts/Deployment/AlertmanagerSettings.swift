// SPDX-License-Identifier: Apache-2.0

import Instrument

/// Who is told of alerts, and how often.
public struct AlertmanagerSettings: Sendable, Equatable {
    /// Who is told of critical alerts.
    public var critical = AlertReceiver.nobody
    /// Who is told of warnings.
    public var warning = AlertReceiver.nobody
    /// Who is told of the rest.
    public var info = AlertReceiver.nobody
    /// Who is told of the alerts of a group instead, by the group's name; whatever their severity.
    public var byGroup: [String: AlertReceiver] = [:]
    /// How long alerts are gathered before the first message.
    public var groupWait: Duration = .seconds(10)
    /// How long a changed group waits for its next message; critical alerts wait for ``groupWait`` alone.
    public var groupInterval: Duration = .seconds(300)
    /// When an alert that still fires is told again.
    public var repeatInterval: Duration = .seconds(12 * 3_600)

    /// The defaults: nobody is told.
    public init() {}
}
