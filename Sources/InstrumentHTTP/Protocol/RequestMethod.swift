// SPDX-License-Identifier: Apache-2.0

/// A request method ([RFC 9110 9](https://www.rfc-editor.org/rfc/rfc9110#section-9)); compared with its case.
public struct RequestMethod: Sendable, Hashable, CustomStringConvertible {
    /// The method as sent, such as `GET`.
    public let name: String

    /// Makes a method of any name.
    public init(_ name: String) { self.name = name }

    /// `GET`
    public static let get = RequestMethod("GET")
    /// `HEAD`
    public static let head = RequestMethod("HEAD")
    /// `POST`
    public static let post = RequestMethod("POST")
    /// `PUT`
    public static let put = RequestMethod("PUT")
    /// `PATCH`
    public static let patch = RequestMethod("PATCH")
    /// `DELETE`
    public static let delete = RequestMethod("DELETE")
    /// `OPTIONS`
    public static let options = RequestMethod("OPTIONS")

    /// The value for a metric's label: the methods of RFC 9110 and PATCH by name, everything else `_OTHER`, so that a
    /// client cannot make series.
    public var label: String {
        switch name {
        case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE": name
        default: "_OTHER"
        }
    }

    /// The name.
    public var description: String { name }
}
