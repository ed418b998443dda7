// SPDX-License-Identifier: Apache-2.0

import Foundation
import Instrument

/// The addresses of a host name.
struct AddressList {
    /// One address, ready for `connect`.
    struct Address {
        let family: Int32
        /// A `sockaddr` of the family.
        let bytes: [UInt8]
    }

    let list: [Address]

    /// Resolves a name; a numeric address stands for itself. Blocks for as long as the system's resolver likes.
    init(host: String, port: UInt16) throws(CheckFailure) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Platform.streamSocket
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &first)
        guard code == 0 else {
            throw CheckFailure("cannot resolve \"\(host)\": \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(first) }
        var list: [Address] = []
        var next = first
        while let info = next?.pointee {
            if let address = info.ai_addr {
                let bytes = UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen))
                list.append(Address(family: info.ai_family, bytes: Array(bytes)))
            }
            next = info.ai_next
        }
        self.list = list
    }
}
