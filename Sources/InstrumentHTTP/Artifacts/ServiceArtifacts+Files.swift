// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

extension ServiceArtifacts {
    /// Generates all files.
    ///
    /// - Throws: ``ServerError/Code/invalidArtifact`` for an alert or panel that does not fit what is registered.
    public func files() throws(ServerError) -> [ArtifactFile] {
        let catalogue = catalogue
        let alerts = AlertRuleFile(job: job, rules: try alertRules(catalogue))
        return [
            ArtifactFile(name: AlertRuleFile.name, mediaType: .yaml, text: alerts.yaml.document()),
            ArtifactFile(
                name: "alerts.test.yml", mediaType: .yaml, text: try alerts.tests(catalogue).document()),
        ]
    }

    /// Writes all files into a folder, which is made if it is missing; files of the same names are replaced.
    ///
    /// - Throws: ``ServerError``: as ``files()`` does, and when the folder cannot be written.
    public func write(to folder: String) throws(ServerError) {
        let files = try files()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for file in files {
                try Array(file.text.utf8).withUnsafeBytes {
                    try AtomicFile.replace((folder as NSString).appendingPathComponent(file.name), with: $0)
                }
            }
        } catch {
            throw ServerError(.system, "folder \"\(folder)\": cannot be written: \(error); choose another one")
        }
    }
}
