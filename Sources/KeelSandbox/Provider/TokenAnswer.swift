import KeelBase

/// What a token request that succeeds is answered with (RFC 6749 section 5.1).
struct TokenAnswer {
    var accessToken: String
    var expiresIn: Int
    var scopes: [String]
    var refreshToken: String?
    var idToken: String?

    var response: HTTPResponse {
        var members: [(name: String, value: JSONText)] = [
            ("access_token", .string(accessToken)), ("token_type", .string("Bearer")),
            ("expires_in", .number(Int64(expiresIn))), ("scope", .string(scopes.joined(separator: " "))),
        ]
        if let refreshToken { members.append(("refresh_token", .string(refreshToken))) }
        if let idToken { members.append(("id_token", .string(idToken))) }
        return .json(status: 200, .object(members))
    }
}
