/// The parameters that requests to a provider set themselves: a second value would be refused, or would undo a protection.
package enum ProtocolParameters {
    /// RFC 6749 sections 4.1 and 6, RFC 7009, RFC 7521, RFC 7636, RFC 8628, RFC 9101. `resource` and `prompt` are free.
    package static let names: Set<String> = [
        "assertion", "client_assertion", "client_assertion_type", "client_id", "client_secret", "code",
        "code_challenge",
        "code_challenge_method", "code_verifier", "device_code", "grant_type", "nonce", "password", "redirect_uri",
        "refresh_token", "request", "request_uri", "response_mode", "response_type", "scope", "state", "token",
        "token_type_hint", "username",
    ]
}
