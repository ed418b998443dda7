// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// Where Alertmanager sends alerts.
public struct AlertReceiver: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case nobody
        case webhook(String)
        case slack(urlFile: String, channel: String)
        case email(to: String, from: String, smarthost: String, user: String?, passwordFile: String?)
    }

    let form: Form

    /// Nowhere: alerts are only shown.
    public static let nobody = AlertReceiver(form: .nobody)

    /// A web service that takes [Alertmanager's JSON](https://prometheus.io/docs/alerting/latest/configuration/#webhook_config).
    public static func webhook(_ url: String) -> AlertReceiver { .init(form: .webhook(url)) }

    /// A channel of Slack.
    ///
    /// - Parameters:
    ///   - urlFile: the file that holds the webhook's address, which is a secret.
    ///   - channel: such as `#alerts`.
    public static func slack(urlFile: String, channel: String) -> AlertReceiver {
        .init(form: .slack(urlFile: urlFile, channel: channel))
    }

    /// A mailbox.
    ///
    /// - Parameters:
    ///   - to: the mailbox.
    ///   - from: the sender.
    ///   - smarthost: `host:port` of the mail server.
    ///   - user: the name to log in with, or nil.
    ///   - passwordFile: the file that holds the password, or nil.
    public static func email(
        to: String, from: String, smarthost: String, user: String? = nil, passwordFile: String? = nil
    ) -> AlertReceiver {
        .init(form: .email(to: to, from: from, smarthost: smarthost, user: user, passwordFile: passwordFile))
    }

    /// The receiver as an entry of the configuration.
    ///
    /// - Throws: `ServerError` for an address that cannot be one.
    func yaml(name: String) throws(ServerError) -> YAML {
        var entries: [YAML.Entry] = [.init("name", .text(name))]
        func wrong(_ text: String, _ expected: String) -> ServerError {
            ServerError(.invalidArtifact, "receiver \"\(name)\": got \"\(text)\", expected \(expected); correct it")
        }
        switch form {
        case .nobody: break
        case .webhook(let url):
            guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
                throw wrong(url, "an address that begins with http:// or https://")
            }
            guard let host = URL(string: url, encodingInvalidCharacters: false)?.host(), !host.isEmpty else {
                throw wrong(url, "an address with a host, in which spaces and the like are written with %")
            }
            entries.append(
                .init(
                    "webhook_configs", .list([.map([.init("url", .text(url)), .init("send_resolved", .flag(true))])])))
        case .slack(let file, let channel):
            guard !file.isEmpty, !channel.isEmpty else { throw wrong(file + channel, "a file and a channel") }
            entries.append(
                .init(
                    "slack_configs",
                    .list([
                        .map([
                            .init("api_url_file", .text(file)), .init("channel", .text(channel)),
                            .init("send_resolved", .flag(true)),
                        ])
                    ])))
        case .email(let to, let from, let smarthost, let user, let passwordFile):
            guard to.contains("@"), from.contains("@") else { throw wrong("\(to), \(from)", "two mailboxes") }
            let colon = smarthost.lastIndex(of: ":")
            guard let colon, colon > smarthost.startIndex, UInt16(smarthost[colon...].dropFirst()) != nil else {
                throw wrong(smarthost, "host:port")
            }
            var email = [("to", to), ("from", from), ("smarthost", smarthost)]
            if let user { email.append(("auth_username", user)) }
            if let passwordFile { email.append(("auth_password_file", passwordFile)) }
            entries.append(
                .init(
                    "email_configs",
                    .list([.map(email.map { .init($0.0, .text($0.1)) } + [.init("send_resolved", .flag(true))])])))
        }
        return .map(entries)
    }
}
