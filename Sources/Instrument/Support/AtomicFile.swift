// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Replaces files as a whole: a reader, or a crash in between, sees the old content or the new one, never half of it.
package enum AtomicFile {
    /// Replaces the file at `path`, and waits until the disk has it.
    ///
    /// - Throws: `SystemError` of the call that failed; the old file is then untouched.
    package static func replace(_ path: String, with bytes: UnsafeRawBufferPointer) throws(SystemError) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        do throws(SystemError) {
            let file = try Descriptor.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o644)
            var written = 0
            while written < bytes.count {
                let count = write(file.number, bytes.baseAddress! + written, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw SystemError.last("write \(temporary)") }
                written += count
            }
            guard fsync(file.number) == 0 else { throw SystemError.last("fsync \(temporary)") }
            guard rename(temporary, path) == 0 else { throw SystemError.last("rename \(temporary) to \(path)") }
        } catch {
            unlink(temporary)
            throw error
        }
        // The folder holds the name; where it cannot be opened or synced the file itself still is whole.
        let folder = (path as NSString).deletingLastPathComponent
        if let directory = try? Descriptor.open(folder.isEmpty ? "." : folder, flags: O_RDONLY) {
            fsync(directory.number)
        }
    }
}
