import KeelBase

/// Where the parameters that a manifest adds are sent.
package enum AuthorizationParameters {
    /// Those that go into requests to the token endpoint, and into a device's request.
    package static func forToken(_ parameters: TokenRequest.Additional) -> TokenRequest.Additional {
        parameters.filter { protocolOwn[$0.name] == nil && authorizationOnly[$0.name] == nil }
    }

    /// Those that go into the request that a person's browser makes.
    package static func forAuthorization(_ parameters: TokenRequest.Additional) -> TokenRequest.Additional {
        parameters.filter { protocolOwn[$0.name] == nil }
    }

    /// Why a parameter is not sent to the token endpoint; nil when it is.
    package static func reasonAgainstToken(_ name: String) -> String? { protocolOwn[name] ?? authorizationOnly[name] }

    /// What speaks to the page that a person sees. A token endpoint has no page; the strict ones refuse what they do not
    /// expect, and no token depends on it.
    private static let authorizationOnly: [String: String] = [
        "access_type": "Google's page reads it to offer a refresh token",
        "acr_values": "it says how the person should sign in (OpenID Connect Core section 3.1.2.1)",
        "display": "it says how the page should look (OpenID Connect Core section 3.1.2.1)",
        "domain_hint": "Microsoft's page reads it to skip a choice",
        "hd": "Google's page reads it to narrow the choice of accounts",
        "id_token_hint": "it says who should sign in (OpenID Connect Core section 3.1.2.1)",
        "include_granted_scopes": "Google's page reads it",
        "login_hint": "it says who should sign in (OpenID Connect Core section 3.1.2.1)",
        "max_age": "it says how fresh the sign-in must be (OpenID Connect Core section 3.1.2.1)",
        "prompt": "it says what the page should ask (OpenID Connect Core section 3.1.2.1)",
        "prompt_force": "mail.ru's page reads it",
        "ui_locales": "it says which language the page should have (OpenID Connect Core section 3.1.2.1)",
    ]

    /// What the requests set themselves. A second value would be refused, or would undo a protection.
    private static let protocolOwn: [String: String] = {
        let names = [
            "assertion", "client_assertion", "client_assertion_type", "client_id", "client_secret", "code",
            "code_challenge", "code_challenge_method", "code_verifier", "device_code", "grant_type", "nonce",
            "password",
            "redirect_uri", "refresh_token", "request", "request_uri", "response_mode", "response_type", "scope",
            "state", "token", "token_type_hint", "username",
        ]
        return Dictionary(uniqueKeysWithValues: names.map { ($0, "the request sets it") })
    }()
}
