import KeelBase

extension Provider {
    /// The token endpoint (RFC 6749 section 3.2).
    func token(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .tokenRefused) { form throws(OAuthRefusal) in
            guard let type = form["grant_type"] else {
                throw OAuthRefusal(.invalidRequest, "grant_type is missing")
            }
            // Whoever signed the assertion is who asks; there is no other client.
            if type == TokenGrant.jwtBearer.rawValue { return try exchange(form) }
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
            case .jwtBearer: try exchange(form)
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
        if let refusal = deviceMishap(text) { throw refusal }
        let (user, scopes) = try devices.poll(text, by: client)
        let consent = Consent(client: client, user: user, scopes: scopes, nonce: nil)
        return issue(.deviceCode, consent, family: refreshes.newFamily())
    }

    /// What a poll is answered with out of order.
    private func deviceMishap(_ deviceCode: String) -> OAuthRefusal? {
        let grant = TokenGrant.deviceCode.name
        if met(.devicePending, grant: grant) != nil {
            return OAuthRefusal(.authorizationPending, "nobody has approved it yet")
        }
        if met(.deviceSlowDown, grant: grant) != nil {
            return OAuthRefusal(.slowDown, "wait \(devices.slowDown(deviceCode)) seconds between two requests")
        }
        if met(.deviceDeclined, grant: grant) != nil {
            return OAuthRefusal(.authorizationDeclined, "the person declined")
        }
        if met(.deviceExpired, grant: grant) != nil {
            return OAuthRefusal(.expiredToken, "the device code has expired; start again")
        }
        return nil
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
        let grant = TokenGrant.clientCredentials
        let scopes = bent(try ScopeList.granted(form["scope"], of: client.scopes), grant)
        let (text, token) = tokens.issue(to: client, scopes: scopes)
        log.record(
            SandboxEvent(
                .tokenIssued, clientID: client.id, scopes: scopes, token: token.reference, grant: grant.name))
        return bent(TokenAnswer(accessToken: text, scopes: scopes), grant).response
    }

    /// RFC 7523 section 2.1: a service account asks, for a user if its assertion names one.
    private func exchange(_ form: FormParameters) throws(OAuthRefusal) -> HTTPResponse {
        let grant = TokenGrant.jwtBearer
        guard let text = form["assertion"], let assertion = SignedAssertion(text) else {
            throw OAuthRefusal(.invalidRequest, "assertion is missing or cannot be read")
        }
        guard let account = options.serviceAccounts.first(where: { $0.email == assertion.claims["iss"]?.string }) else {
            throw OAuthRefusal(.invalidGrant, "the assertion's issuer is no service account")
        }
        try judge.check(
            assertion, keys: account.keys, audiences: [issuer, issuer + ProviderEndpoint.token.path], longest: 3600,
            code: .invalidGrant)
        let subject = assertion.claims["sub"]?.string ?? account.email
        let user = users.user(subject)
        guard user != nil || subject == account.email else {
            throw OAuthRefusal(.invalidGrant, "the assertion's subject is no user")
        }
        let asked = assertion.claims["scope"]?.string ?? form["scope"]
        guard let allowed = try? ScopeList.granted(asked, of: account.scopes) else {
            throw OAuthRefusal(.unauthorizedClient, "the service account may not ask for these scopes")
        }
        let scopes = bent(allowed, grant)
        let client = SandboxClient(id: account.email, secret: nil, scopes: account.scopes, grants: [.jwtBearer])
        let (token, issued) = tokens.issue(to: client, for: user, scopes: scopes)
        log.record(
            SandboxEvent(
                .tokenIssued, clientID: account.email, scopes: scopes, token: issued.reference, grant: grant.name,
                user: user?.name))
        return bent(TokenAnswer(accessToken: token, scopes: scopes), grant).response
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
        let isWithoutRefresh = met(.tokenNoRefresh, grant: grant.name) != nil
        let refresh = isWithoutRefresh ? nil : refreshes.issue(for: consent, family: family)
        return answer(grant, consent, consent.scopes, family, refresh, used: nil)
    }

    private func answer(
        _ grant: TokenGrant, _ consent: Consent, _ asked: [String], _ family: Int,
        _ refresh: (text: String, token: RefreshTable.Token)?, used: RefreshTable.Token?
    ) -> HTTPResponse {
        let scopes = bent(asked, grant)
        let (text, token) = tokens.issue(to: consent.client, for: consent.user, scopes: scopes, family: family)
        log.record(
            SandboxEvent(
                .tokenIssued, clientID: consent.client.id, scopes: scopes, token: token.reference, grant: grant.name,
                user: consent.user.name, used: used?.reference, refresh: refresh?.token.reference))
        var answer = TokenAnswer(accessToken: text, scopes: scopes)
        answer.refreshToken = refresh?.text
        if scopes.contains("openid"), met(.tokenNoIDToken, grant: grant.name) == nil {
            answer.idToken = idToken(consent, grant)
        }
        return bent(answer, grant).response
    }

    /// OpenID Connect Core section 2; one that comes with a refresh has no nonce (section 12.2).
    private func idToken(_ consent: Consent, _ grant: TokenGrant) -> String {
        let skew = met(.idTokenClockSkew, grant: grant.name)?.number ?? 0
        let now = time.now.adding(seconds: Int64(skew))
        let isWrongIssuer = met(.idTokenWrongIssuer, grant: grant.name) != nil
        let isWrongAudience = met(.idTokenWrongAudience, grant: grant.name) != nil
        var claims: [(name: String, value: JSONText)] = [
            ("iss", .string(isWrongIssuer ? Self.wrongIssuer : issuer)),
            ("aud", .string(isWrongAudience ? "another-client" : consent.client.id)),
            ("iat", .number(now.seconds)), ("exp", .number(now.adding(seconds: 3600).seconds)),
        ]
        if grant != .refreshToken, let nonce = consent.nonce {
            let isWrong = met(.idTokenWrongNonce, grant: grant.name) != nil
            claims.append(("nonce", .string(isWrong ? nonce + "x" : nonce)))
        }
        return signer.sign(.object(claims + Self.claims(about: consent.user)))
    }

    /// The scopes, after the faults that touch what is granted.
    private func bent(_ scopes: [String], _ grant: TokenGrant) -> [String] {
        var scopes = scopes
        if let order = met(.tokenScopesFewer, grant: grant.name) { scopes.removeAll { $0 == order.value } }
        if let order = met(.tokenScopesMore, grant: grant.name) { scopes.append(order.value) }
        return scopes
    }

    /// The answer, after the faults that touch how it says what was granted.
    private func bent(_ answer: TokenAnswer, _ grant: TokenGrant) -> TokenAnswer {
        var answer = answer
        let seconds = Int64(options.tokenLifetime)
        answer.expiresIn = .number(seconds)
        if met(.tokenExpiresInString, grant: grant.name) != nil { answer.expiresIn = .string(String(seconds)) }
        if met(.tokenExpiresInMissing, grant: grant.name) != nil { answer.expiresIn = nil }
        if met(.tokenExpiresInNegative, grant: grant.name) != nil { answer.expiresIn = .number(-1) }
        if let order = met(.tokenType, grant: grant.name) { answer.tokenType = order.value }
        if met(.tokenScopeMissing, grant: grant.name) != nil { answer.scope = nil }
        return answer
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
