import KeelBase

/// Where the parameters that a manifest adds are sent.
package enum AuthorizationParameters {
    /// Those that go into requests to the token endpoint, and into a device's request.
    package static func forToken(_ parameters: TokenRequest.Additional) -> TokenRequest.Additional {
        forAuthorization(parameters).filter { !authorizationOnly.contains($0.name) }
    }

    /// Those that go into the request that a person's browser makes.
    package static func forAuthorization(_ parameters: TokenRequest.Additional) -> TokenRequest.Additional {
        parameters.filter { !ProtocolParameters.names.contains($0.name) }
    }

    /// What speaks to the page that a person sees. A token endpoint has no page; the strict ones refuse what they do not
    /// expect, and no token depends on it.
    private static let authorizationOnly: Set<String> = [
        // OpenID Connect Core section 3.1.2.1.
        "acr_values", "display", "id_token_hint", "login_hint", "max_age", "prompt", "ui_locales",
        // Google's page.
        "access_type", "hd", "include_granted_scopes",
        // Microsoft's page.
        "domain_hint",
        // mail.ru's page.
        "prompt_force",
    ]
}
