// SPDX-License-Identifier: Apache-2.0

/// The three-digit status of an answer ([RFC 9110 15](https://www.rfc-editor.org/rfc/rfc9110#section-15)).
public struct ResponseStatus: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The number, 100 to 599.
    public let code: Int

    /// Makes a status.
    ///
    /// - Parameter code: 100 to 599; anything else becomes 500, because a status often comes from data.
    public init(_ code: Int) { self.code = 100...599 ~= code ? code : 500 }

    /// Makes a status of a literal such as `418`.
    public init(integerLiteral value: Int) { self.init(value) }

    /// 200
    public static let ok: ResponseStatus = 200
    /// 201
    public static let created: ResponseStatus = 201
    /// 202
    public static let accepted: ResponseStatus = 202
    /// 204
    public static let noContent: ResponseStatus = 204
    /// 400
    public static let badRequest: ResponseStatus = 400
    /// 401
    public static let unauthorized: ResponseStatus = 401
    /// 403
    public static let forbidden: ResponseStatus = 403
    /// 404
    public static let notFound: ResponseStatus = 404
    /// 405
    public static let methodNotAllowed: ResponseStatus = 405
    /// 408
    public static let requestTimeout: ResponseStatus = 408
    /// 409
    public static let conflict: ResponseStatus = 409
    /// 413
    public static let contentTooLarge: ResponseStatus = 413
    /// 414
    public static let uriTooLong: ResponseStatus = 414
    /// 417
    public static let expectationFailed: ResponseStatus = 417
    /// 421
    public static let misdirectedRequest: ResponseStatus = 421
    /// 429
    public static let tooManyRequests: ResponseStatus = 429
    /// 431
    public static let requestHeaderFieldsTooLarge: ResponseStatus = 431
    /// 500
    public static let internalServerError: ResponseStatus = 500
    /// 501
    public static let notImplemented: ResponseStatus = 501
    /// 503
    public static let serviceUnavailable: ResponseStatus = 503
    /// 504
    public static let gatewayTimeout: ResponseStatus = 504
    /// 505
    public static let httpVersionNotSupported: ResponseStatus = 505

    /// Whether an answer of this status has no body and no Content-Length
    /// ([RFC 9110 6.4.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.4.1)).
    var forbidsBody: Bool { code < 200 || code == 204 || code == 304 }

    /// The reason phrase.
    var reason: StaticString {
        switch code {
        case 100: "Continue"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
