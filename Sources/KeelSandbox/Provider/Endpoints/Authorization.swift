import KeelBase

extension Provider {
    /// The authorization endpoint (RFC 6749 section 4.1): shows a page on which a person approves or declines. A script does
    /// the same by adding `approve=USER` or `decline=1` to the address.
    func authorization(_ request: IncomingRequest) -> HTTPResponse {
        do throws(OAuthRefusal) {
            let shown = try FormParameters(query: request)
            let parameters = try pushedParameters(shown) ?? shown
            let target = try AuthorizationRequest.Target(parameters, clients)
            do throws(OAuthRefusal) {
                let asked = try AuthorizationRequest(parameters, for: target.client)
                return try decide(shown, asked, target)
            } catch {
                log.record(SandboxEvent(.consentRefused, clientID: target.client.id, reason: error.code.rawValue))
                return redirect(
                    target, [("error", error.code.rawValue), ("error_description", error.description)])
            }
        } catch {
            // There is nowhere to send the person (RFC 6749 section 4.1.2.1).
            log.record(SandboxEvent(.consentRefused, reason: error.code.rawValue))
            return .page(
                status: 400,
                HTMLPage(
                    title: "This request cannot be answered",
                    parts: [
                        .paragraph("\(error.code.rawValue): \(error.description)."),
                        .paragraph("You can close this page."),
                    ]))
        }
    }

    /// What the client sent ahead; nil if the request stands for itself (RFC 9126 section 4).
    private func pushedParameters(_ shown: FormParameters) throws(OAuthRefusal) -> FormParameters? {
        guard let uri = shown["request_uri"] else { return nil }
        guard let request = pushed.find(uri), request.clientID == shown["client_id"] else {
            throw OAuthRefusal(.invalidRequest, "request_uri is unknown, has expired, or is another client's")
        }
        return request.parameters
    }

    private func decide(
        _ shown: FormParameters, _ asked: AuthorizationRequest, _ target: AuthorizationRequest.Target
    ) throws(OAuthRefusal) -> HTTPResponse {
        guard shown["decline"] == nil else { throw OAuthRefusal(.accessDenied, "the person declined") }
        guard let name = shown["approve"] ?? options.approvesAs else {
            guard !asked.prompts.contains("none") else {
                throw OAuthRefusal(.interactionRequired, "somebody has to approve this")
            }
            return .page(consentPage(shown, asked))
        }
        let consenting = met(.consentOtherUser, at: .authorization)?.value ?? name
        guard let user = users.user(consenting) else { throw OAuthRefusal(.accessDenied, "there is no such user") }
        log.record(
            SandboxEvent(.consentGiven, clientID: asked.client.id, scopes: asked.scopes, user: user.name))
        let consent = Consent(client: asked.client, user: user, scopes: asked.scopes, nonce: asked.nonce)
        let code = codes.issue(
            for: consent, redirectURI: target.redirectURI, namesRedirectURI: target.namesRedirectURI,
            challenge: asked.challenge, family: refreshes.newFamily())
        return redirect(target, [("code", code)])
    }

    /// RFC 6749 section 4.1.2, and `iss` of RFC 9207.
    private func redirect(
        _ target: AuthorizationRequest.Target, _ answer: [(name: String, value: String)]
    ) -> HTTPResponse {
        var pairs = answer
        if let state = target.state {
            pairs.append(("state", met(.redirectWrongState, at: .authorization) == nil ? state : state + "x"))
        }
        if met(.redirectNoIssuer, at: .authorization) == nil {
            pairs.append(("iss", met(.redirectWrongIssuer, at: .authorization) == nil ? issuer : Self.wrongIssuer))
        }
        let joint = target.redirectURI.contains("?") ? "&" : "?"
        return HTTPResponse(
            status: 302,
            headers: [
                ("Location", target.redirectURI + joint + PercentEncoding.encode(pairs)),
                ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"),
            ])
    }

    private func consentPage(_ shown: FormParameters, _ asked: AuthorizationRequest) -> HTMLPage {
        HTMLPage(
            title: "Allow \(asked.client.id)?",
            parts: [
                .paragraph("The application \(asked.client.id) asks the sandbox for:"),
                .list(asked.scopes),
                .form(
                    HTMLPage.Form(
                        action: options.issuerPath + ProviderEndpoint.authorization.path, hidden: shown.pairs,
                        choice: ("approve", names(first: asked.loginHint)),
                        buttons: [("", "", "Approve"), ("decline", "1", "Decline")])),
            ])
    }

    /// The people, the one who is expected first.
    func names(first expected: String?) -> [String] {
        let names = users.users.map(\.name)
        guard let first = expected.flatMap(users.user)?.name else { return names }
        return [first] + names.filter { $0 != first }
    }

    /// RFC 9126 section 2: the client shows who it is, and its request is looked at before a person is bothered.
    func pushedAuthorization(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .pushedRequest) { form throws(OAuthRefusal) in
            let client = try clients.authenticate(request, form)
            guard form["request_uri"] == nil else {
                throw OAuthRefusal(.invalidRequest, "request_uri has no place in a pushed request")
            }
            var parameters = form
            parameters["client_id"] = client.id
            for credential in ["client_secret", "client_assertion"] { parameters[credential] = nil }
            _ = try AuthorizationRequest.Target(parameters, clients)
            let asked = try AuthorizationRequest(parameters, for: client)
            log.record(SandboxEvent(.pushedRequest, clientID: client.id, scopes: asked.scopes))
            return .json(
                status: 201,
                .object([
                    ("request_uri", .string(pushed.keep(parameters, of: client))),
                    ("expires_in", .number(Int64(PushedRequests.lifetime))),
                ]))
        }
    }
}
