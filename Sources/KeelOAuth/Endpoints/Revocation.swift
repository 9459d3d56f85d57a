import KeelBase

/// Ends a token at the provider (RFC 7009).
package enum Revocation {
    /// What a provider says of a token that it was asked to end. Either way the token is of no use any more.
    package enum Outcome: Sendable, Hashable {
        /// 200, which it also says of a token that it has never seen (section 2.2).
        case revoked
        /// It says that the token was no good already. Google does, against the RFC.
        case alreadyInvalid
    }

    package static func request(
        _ client: TokenEndpointClient, endpoint: EndpointURL, token: Secret, hint: TokenTypeHint
    ) -> HTTPRequest {
        .form(.token(token, hint), from: client, to: endpoint)
    }

    /// Reads the answer. A failure leaves the token as it was: it may be asked again where the class allows that, and after
    /// `retryAfter` where the server names a time.
    package static func interpret(
        _ response: HTTPResponse, at now: Timestamp, withholding: [Secret] = []
    ) throws(OAuthFailure) -> Outcome {
        // The status says all, and the body of a success is to be ignored (section 2.2).
        if (200...299).contains(response.status) { return .revoked }
        let isShort = response.body.count <= TokenResponse.bodyLimit
        let failure = OAuthFailure(
            refusal: response, isShort ? JSONFields(parsing: response.body) : nil, at: now, withholding: withholding)
        if case .invalidToken = failure.kind { return .alreadyInvalid }
        throw failure
    }
}

extension FormEncoding {
    static func token(_ token: Secret, _ hint: TokenTypeHint) -> FormEncoding {
        var form = FormEncoding()
        form.add("token", token)
        form.add("token_type_hint", hint.rawValue)
        return form
    }
}
