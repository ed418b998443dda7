// SPDX-License-Identifier: Apache-2.0

/// Who may use a route.
enum RouteAccess: Sendable {
    /// Everybody; what the route shows may still depend on who asks.
    case open
    /// Those with credentials, and the clients of the listener for details.
    case details
    /// Those with credentials, through whichever listener; nobody when there are none.
    case change
}
