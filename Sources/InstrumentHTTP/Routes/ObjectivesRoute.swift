// SPDX-License-Identifier: Apache-2.0

import Instrument

/// The service's objectives and what is left of their budgets: JSON, or plain text with `?format=text`.
enum ObjectivesRoute {
    static func answer(_ book: ObjectiveBook, _ request: ServerRequest) -> ServerResponse {
        if request.query["format"] == "text" { return .text(book.reportText()) }
        return ServerResponse(headers: ["Content-Type": "application/json"], body: Array(book.reportJSON().utf8))
    }
}
