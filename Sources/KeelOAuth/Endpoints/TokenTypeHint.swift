/// What kind of token is shown, so that the server need not look twice (RFC 7009 section 2.1, RFC 7662 section 2.1).
package enum TokenTypeHint: String, Sendable {
    case refreshToken = "refresh_token"
    case accessToken = "access_token"
}
