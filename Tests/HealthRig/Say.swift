// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Writes one line at once, so that nothing is lost when the process is cut short.
func say(_ line: String, to descriptor: Int32 = 1) {
    let text = line + "\n"
    _ = write(descriptor, text, text.utf8.count)
}
