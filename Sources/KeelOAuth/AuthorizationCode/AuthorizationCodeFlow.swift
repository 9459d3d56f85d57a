import KeelBase
import KeelCrypto

/// One authorization by code with a proof key (RFC 6749 section 4.1, RFC 7636, RFC 8252): the link that a person opens, and
/// what to make of what comes back.
///
/// It is a value and does not know whether it was used. Whoever keeps it forgets it before the code is redeemed: an
/// answer is taken once.
package struct AuthorizationCodeFlow: Sendable {
    /// For the browser. It is no secret: without the verifier the answer is of no use to others.
    package let url: String
    package let clientID: String
    /// As it was sent; the code is redeemed with the same.
    package let redirectURI: String
    package let scopes: [String]
    package let issuer: String?
    package let announcesIssuer: Bool
    /// What an ID token must repeat; nil when none is asked for.
    package let nonce: Secret?
    let state: Secret
    let verifier: Secret

    /// A new flow. `random` gives that many unpredictable bytes; it is asked for a verifier, a state, and a nonce.
    package init(_ request: AuthorizationRequest, random: (_ count: Int) -> Secret = RandomBytes.secret(count:)) {
        let proof = ProofKey(random: random(32))
        func word() -> Secret { Secret(copying: Base64.encode(random(16).reveal(), .url)) }
        state = word()
        nonce = request.asksForIdentity ? word() : nil
        verifier = proof.verifier
        clientID = request.clientID
        redirectURI = request.redirectURI.description
        scopes = request.scopes
        issuer = request.issuer
        announcesIssuer = request.announcesIssuer
        url = Self.url(request, proof, state, nonce)
    }

    init(
        url: String, clientID: String, redirectURI: String, scopes: [String], issuer: String?, announcesIssuer: Bool,
        nonce: Secret?, state: Secret, verifier: Secret
    ) {
        self.url = url
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.issuer = issuer
        self.announcesIssuer = announcesIssuer
        self.nonce = nonce
        self.state = state
        self.verifier = verifier
    }

    /// The code in the answer, or why there is none.
    ///
    /// First whose answer it is, then what it says: an error that anybody could have made must not end the flow as the
    /// provider's word.
    package func answer(to answer: RedirectAnswer) throws(OAuthFailure) -> Secret {
        guard let theirs = answer["state"] else { throw .unusable(answer, .stateMissing) }
        guard theirs.matches(state) else { throw .unusable(answer, .stateMismatch) }
        if let named = answer.text("iss") {
            // Code point by code point (RFC 9207 section 2.4).
            if let issuer, !named.utf8.elementsEqual(issuer.utf8) { throw .unusable(answer, .issuerMismatch) }
        } else if announcesIssuer {
            throw .unusable(answer, .issuerMissing)
        }
        if answer["error"] != nil { throw OAuthFailure(refused: answer) }
        guard let code = answer["code"] else { throw .unusable(answer, .codeMissing) }
        // RFC 6749 appendix A.11.
        guard code.reveal().allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else { throw .unusable(answer, .codeUnusable) }
        return code
    }

    /// The request that redeems a code.
    package func redemption(
        _ code: Secret, _ client: TokenEndpointClient, additional: TokenRequest.Additional = []
    ) -> HTTPRequest {
        TokenRequest.authorizationCode(
            client, code: code, verifier: verifier, redirectURI: redirectURI, additional: additional)
    }

    /// The endpoint's own query stays, and what it sets is not set again: no parameter may come twice (RFC 6749 section 3.1).
    /// What the protocol needs for this one request is ours, wherever else it stands.
    private static func url(
        _ request: AuthorizationRequest, _ proof: ProofKey, _ state: Secret, _ nonce: Secret?
    ) -> String {
        var form = FormEncoding()
        form.add("client_id", request.clientID)
        form.append(request.parameters(proof, state: state, nonce: nonce))
        let endpoint = request.endpoint
        var theirs: [(name: String, pair: Substring)] = []
        for pair in (endpoint.query ?? "").split(separator: "&") {
            let name = FormDecoding.name(of: pair)
            if !(form.holds(name) && ProtocolParameters.names.contains(name)) { theirs.append((name, pair)) }
        }
        // Some pages take `+` for itself; a plus sign of a value is %2B already.
        let ours = form.without(Set(theirs.map(\.name))).body.revealText().replacing("+", with: "%20")
        return "\(endpoint.origin)\(endpoint.path)?" + (theirs.map { String($0.pair) } + [ours]).joined(separator: "&")
    }
}

extension OAuthFailure {
    /// An error that the authorization endpoint sent by the browser (RFC 6749 section 4.1.2.1).
    init(refused answer: RedirectAnswer) {
        let error = answer.text("error") ?? ""
        let kind = Kind(errorCode: error)
        self.init(
            kind, answer: Self.words(answer), evidence: Self.evidence(answer), transience: kind.transience(status: 0))
    }

    static func unusable(_ answer: RedirectAnswer, _ fault: AnswerFault) -> OAuthFailure {
        let kind = Kind.answerUnusable(fault)
        let said =
            fault == .issuerMismatch
            ? ServerAnswer(code: nil, words: ForeignText(answer.text("iss") ?? "")) : words(answer)
        return OAuthFailure(kind, answer: said, evidence: .none, transience: kind.transience(status: 0))
    }

    private static func words(_ answer: RedirectAnswer) -> ServerAnswer {
        ServerAnswer(code: answer.text("error"), words: ForeignText(shown(["error_description"], answer) ?? ""))
    }

    private static func evidence(_ answer: RedirectAnswer) -> Evidence {
        Evidence(codes: [], description: answer.text("error_description")) { shown($0, answer) }
    }

    /// Cleaned, and without the code, should a server repeat it.
    private static func shown(_ names: [String], _ answer: RedirectAnswer) -> String? {
        let secrets = [answer["code"], answer["state"]].compactMap { $0 }
        return names.lazy.compactMap { answer.text($0) }.first.map { ForeignText(cut(secrets, from: $0)).text }
    }
}
