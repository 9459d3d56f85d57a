import KeelBase

extension Provider {
    /// The token endpoint (RFC 6749 section 3.2).
    func token(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .tokenRefused) { form throws(OAuthRefusal) in
            guard let type = form["grant_type"] else {
                throw OAuthRefusal(.invalidRequest, "grant_type is missing")
            }
            let client = try clients.authenticate(request, form)
            guard let grant = TokenGrant(rawValue: type) else {
                throw OAuthRefusal(.unsupportedGrantType, "this grant type is not supported")
            }
            guard grant.isAllowed(to: client), grant != .clientCredentials || !client.isPublic else {
                throw OAuthRefusal(.unauthorizedClient, "the client is not registered for this grant type")
            }
            return switch grant {
            case .authorizationCode: try redeemCode(form, client)
            case .refreshToken: try refresh(form, client)
            case .deviceCode: try pollDevice(form, client)
            case .clientCredentials: try issueToClient(form, client)
            case .password: try signIn(form, client)
            }
        }
    }

    /// RFC 6749 section 4.1.3.
    private func redeemCode(_ form: FormParameters, _ client: SandboxClient) throws(OAuthRefusal) -> HTTPResponse {
        guard let text = form["code"] else { throw OAuthRefusal(.invalidRequest, "code is missing") }
        let outcome = codes.redeem(
            text, by: client, redirectURI: form["redirect_uri"], verifier: form["code_verifier"])
        switch outcome {
        case .refused(let reason): throw OAuthRefusal(.invalidGrant, reason)
        case .reused(let code):
            // What it was used for may be in the wrong hands (RFC 6749 section 4.1.2).
            log.record(SandboxEvent(.codeReuseDetected, clientID: client.id))
            end(code.family)
            throw OAuthRefusal(.invalidGrant, "code_reused")
        case .good(let code):
            return issue(.authorizationCode, code.consent, family: code.family)
        }
    }

    /// RFC 8628 section 3.4.
    private func pollDevice(_ form: FormParameters, _ client: SandboxClient) throws(OAuthRefusal) -> HTTPResponse {
        guard let text = form["device_code"] else { throw OAuthRefusal(.invalidRequest, "device_code is missing") }
        let (user, scopes) = try devices.poll(text, by: client)
        let consent = Consent(client: client, user: user, scopes: scopes, nonce: nil)
        return issue(.deviceCode, consent, family: refreshes.newFamily())
    }

    /// RFC 6749 section 4.3.2.
    private func signIn(_ form: FormParameters, _ client: SandboxClient) throws(OAuthRefusal) -> HTTPResponse {
        guard let name = form["username"], let password = form["password"] else {
            throw OAuthRefusal(.invalidRequest, "username or password is missing")
        }
        guard let user = users.user(name), user.password?.matches(Secret(copying: password)) == true else {
            throw OAuthRefusal(.invalidGrant, "unknown user or wrong password")
        }
        let scopes = try ScopeList.granted(form["scope"], of: client.scopes)
        let consent = Consent(client: client, user: user, scopes: scopes, nonce: nil)
        return issue(.password, consent, family: refreshes.newFamily())
    }

    /// RFC 6749 section 4.4.2.
    private func issueToClient(_ form: FormParameters, _ client: SandboxClient) throws(OAuthRefusal) -> HTTPResponse {
        let scopes = try ScopeList.granted(form["scope"], of: client.scopes)
        let (text, token) = tokens.issue(to: client, scopes: scopes)
        log.record(
            SandboxEvent(
                .tokenIssued, clientID: client.id, scopes: scopes, token: token.reference,
                grant: TokenGrant.clientCredentials.name))
        return TokenAnswer(accessToken: text, expiresIn: options.tokenLifetime, scopes: scopes).response
    }

    /// RFC 6749 section 6.
    private func refresh(_ form: FormParameters, _ client: SandboxClient) throws(OAuthRefusal) -> HTTPResponse {
        guard let text = form["refresh_token"] else {
            throw OAuthRefusal(.invalidRequest, "refresh_token is missing")
        }
        var scopes: [String] = []
        if let known = refreshes.find(text), known.consent.client.id == client.id {
            // Before the token is spent: a scope that is refused must cost nothing.
            let consented = options.refresh.widening == .asked ? known.consent.scopes : client.scopes
            scopes = try form["scope"] == nil ? known.consent.scopes : ScopeList.granted(form["scope"], of: consented)
        }
        switch refreshes.redeem(text, by: client) {
        case .refused(let reason, _): throw OAuthRefusal(.invalidGrant, reason)
        case .reused(let token, let endsFamily):
            log.record(SandboxEvent(.reuseDetected, clientID: client.id, used: token.reference))
            if endsFamily {
                log.record(SandboxEvent(.familyEnded, clientID: client.id, used: token.reference))
                tokens.revoke(family: token.family)
            }
            throw OAuthRefusal(.invalidGrant, "refresh_token_reused")
        case .good(let token, let successor):
            return answer(.refreshToken, token.consent, scopes, token.family, successor, used: token)
        }
    }

    /// The first tokens of a consent.
    private func issue(_ grant: TokenGrant, _ consent: Consent, family: Int) -> HTTPResponse {
        answer(grant, consent, consent.scopes, family, refreshes.issue(for: consent, family: family), used: nil)
    }

    private func answer(
        _ grant: TokenGrant, _ consent: Consent, _ scopes: [String], _ family: Int,
        _ refresh: (text: String, token: RefreshTable.Token)?, used: RefreshTable.Token?
    ) -> HTTPResponse {
        let (text, token) = tokens.issue(to: consent.client, for: consent.user, scopes: scopes, family: family)
        log.record(
            SandboxEvent(
                .tokenIssued, clientID: consent.client.id, scopes: scopes, token: token.reference, grant: grant.name,
                user: consent.user.name, used: used?.reference, refresh: refresh?.token.reference))
        return TokenAnswer(
            accessToken: text, expiresIn: options.tokenLifetime, scopes: scopes, refreshToken: refresh?.text,
            idToken: scopes.contains("openid") ? idToken(consent, isFirst: used == nil) : nil
        ).response
    }

    /// OpenID Connect Core section 2; one that comes with a refresh has no nonce (section 12.2).
    private func idToken(_ consent: Consent, isFirst: Bool) -> String {
        let now = time.now
        var claims: [(name: String, value: JSONText)] = [
            ("iss", .string(issuer)), ("aud", .string(consent.client.id)),
            ("iat", .number(now.seconds)), ("exp", .number(now.adding(seconds: 3600).seconds)),
        ]
        if isFirst, let nonce = consent.nonce { claims.append(("nonce", .string(nonce))) }
        return signer.sign(.object(claims + Self.claims(about: consent.user)))
    }

    /// Who somebody is, in ID tokens and at the userinfo endpoint.
    static func claims(about user: SandboxUser) -> [(name: String, value: JSONText)] {
        [
            ("sub", .string(user.subject)), ("email", .string(user.name)), ("email_verified", .bool(true)),
            ("preferred_username", .string(user.name)),
        ]
    }

    /// Ends a family with all its tokens; returns whether it lived.
    func end(_ family: Int) {
        let lived = refreshes.end(family: family)
        tokens.revoke(family: family)
        if lived { log.record(SandboxEvent(.familyEnded)) }
    }
}
