import KeelBase

/// What a token request that succeeds is answered with (RFC 6749 section 5.1).
struct TokenAnswer {
    var accessToken: String
    var tokenType = "Bearer"
    var expiresIn: JSONText?
    var scope: String?
    var refreshToken: String?
    var idToken: String?

    init(accessToken: String, scopes: [String]) {
        self.accessToken = accessToken
        scope = scopes.joined(separator: " ")
    }

    var response: HTTPResponse {
        var members: [(name: String, value: JSONText)] = [
            ("access_token", .string(accessToken)), ("token_type", .string(tokenType)),
        ]
        if let expiresIn { members.append(("expires_in", expiresIn)) }
        if let scope { members.append(("scope", .string(scope))) }
        if let refreshToken { members.append(("refresh_token", .string(refreshToken))) }
        if let idToken { members.append(("id_token", .string(idToken))) }
        return .json(status: 200, .object(members))
    }
}
