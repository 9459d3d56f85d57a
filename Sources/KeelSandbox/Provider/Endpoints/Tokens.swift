import KeelBase

// MARK: What is asked and said about tokens

extension Provider {
    /// RFC 7662: only for clients of this provider that can show who they are (section 2.1).
    func introspection(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .introspection) { form throws(OAuthRefusal) in
            let client = try clients.authenticateConfidential(request, form)
            guard let text = form["token"] else { throw OAuthRefusal(.invalidRequest, "token is missing") }
            if let token = tokens.introspect(text) {
                log.record(
                    SandboxEvent(.introspection, clientID: client.id, scopes: token.scopes, token: token.reference))
                return .json(status: 200, description(of: token))
            }
            if let token = refreshes.introspect(text) {
                log.record(
                    SandboxEvent(
                        .introspection, clientID: client.id, scopes: token.consent.scopes, used: token.reference))
                return .json(status: 200, description(of: token))
            }
            log.record(SandboxEvent(.introspection, clientID: client.id, reason: "inactive"))
            return .json(status: 200, .object([("active", .bool(false))]))
        }
    }

    private func description(of token: IssuedToken) -> JSONText {
        var members: [(name: String, value: JSONText)] = [
            ("active", .bool(true)), ("scope", .string(token.scopes.joined(separator: " "))),
            ("client_id", .string(token.client.id)), ("sub", .string(token.user?.subject ?? token.client.id)),
        ]
        if let user = token.user { members.append(("username", .string(user.name))) }
        return .object(
            members + [
                ("token_type", .string("Bearer")), ("iss", .string(issuer)),
                ("iat", .number(token.issuedAt.seconds)), ("exp", .number(token.expiresAt.seconds)),
            ])
    }

    private func description(of token: RefreshTable.Token) -> JSONText {
        let consent = token.consent
        var members: [(name: String, value: JSONText)] = [
            ("active", .bool(true)), ("scope", .string(consent.scopes.joined(separator: " "))),
            ("client_id", .string(consent.client.id)), ("sub", .string(consent.user.subject)),
            ("username", .string(consent.user.name)), ("iss", .string(issuer)),
        ]
        if let expiresAt = token.expiresAt { members.append(("exp", .number(expiresAt.seconds))) }
        return .object(members)
    }

    /// RFC 7009. A refresh token takes all tokens of its consent with it, an access token goes alone (section 2.1).
    func revocation(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .revocation) { form throws(OAuthRefusal) in
            let client = try clients.authenticate(request, form)
            guard let text = form["token"] else { throw OAuthRefusal(.invalidRequest, "token is missing") }
            if let token = refreshes.find(text) {
                guard token.consent.client.id == client.id else {
                    throw OAuthRefusal(.invalidGrant, "the token is another client's")
                }
                log.record(SandboxEvent(.revocation, clientID: client.id, used: token.reference))
                end(token.family)
            } else if let token = tokens.introspect(text) {
                guard token.client.id == client.id else {
                    throw OAuthRefusal(.invalidGrant, "the token is another client's")
                }
                log.record(SandboxEvent(.revocation, clientID: client.id, token: token.reference))
                tokens.revoke(text)
            } else {
                // As if it had worked (section 2.2): there is no such token any more.
                log.record(SandboxEvent(.revocation, clientID: client.id, reason: "unknown_token"))
            }
            return HTTPResponse(status: 200)
        }
    }

    /// OpenID Connect Core section 5.3.
    func userInfo(_ request: IncomingRequest) -> HTTPResponse {
        do throws(OAuthRefusal) {
            let words = (request.header("Authorization") ?? "").split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].lowercased() == "bearer" else {
                throw OAuthRefusal(.invalidRequest, "no access token was shown")
            }
            guard let token = tokens.introspect(String(words[1])), let user = token.user else {
                throw OAuthRefusal(.invalidToken, "the token is unknown, has expired, or is nobody's")
            }
            guard token.scopes.contains("openid") else {
                throw OAuthRefusal(.insufficientScope, "the scope openid is missing")
            }
            log.record(
                SandboxEvent(.userInfo, clientID: token.client.id, token: token.reference, user: user.name))
            return .json(status: 200, .object(Self.claims(about: user)))
        } catch {
            log.record(SandboxEvent(.userInfo, reason: error.code.rawValue))
            return error.challenge
        }
    }
}
