import KeelBase

/// Builds the requests that a token endpoint takes (RFC 6749 section 3.2).
///
/// An additional parameter never replaces one that the protocol sets, and one that belongs to the authorization request
/// is left out (`AuthorizationParameters`).
package enum TokenRequest {
    /// Parameters that a manifest adds.
    package typealias Additional = [(name: String, value: String)]

    /// Asks for a token with which the application acts for itself (RFC 6749 section 4.4.2).
    package static func clientCredentials(
        _ client: TokenEndpointClient, scopes: [String], additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "client_credentials")
        form.add(scopes: scopes)
        return post(form, client, additional)
    }

    /// Redeems a code (RFC 6749 section 4.1.3) with the verifier of its challenge (RFC 7636 section 4.5). A code works once.
    ///
    /// `redirectURI` is the one that the authorization request named, port and all.
    package static func authorizationCode(
        _ client: TokenEndpointClient, code: Secret, verifier: Secret, redirectURI: String,
        additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "authorization_code")
        form.add("code", code)
        form.add("redirect_uri", redirectURI)
        form.add("code_verifier", verifier)
        return post(form, client, additional)
    }

    /// Asks for a new access token (RFC 6749 section 6).
    ///
    /// Give the scopes that are declared: the parameter is optional, but some of Microsoft's applications are refused
    /// without it (AADSTS900144, AADSTS90009).
    package static func refresh(
        _ client: TokenEndpointClient, refreshToken: Secret, scopes: [String], additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "refresh_token")
        form.add("refresh_token", refreshToken)
        form.add(scopes: scopes)
        return post(form, client, additional)
    }

    /// Asks with a person's own password (RFC 6749 section 4.3.2), which RFC 9700 section 2.4 forbids where anything else works.
    package static func password(
        _ client: TokenEndpointClient, userName: String, password: Secret, scopes: [String],
        additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "password")
        form.add("username", userName)
        form.add("password", password)
        form.add(scopes: scopes)
        return post(form, client, additional)
    }

    /// Asks with a signed assertion as the grant (RFC 7523 section 2.1).
    package static func jwtBearer(
        _ client: TokenEndpointClient, assertion: Secret, scopes: [String], additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", BearerAssertion.grantType)
        form.add("assertion", assertion)
        form.add(scopes: scopes)
        return post(form, client, additional)
    }

    /// Asks whether somebody has entered the code yet (RFC 8628 section 3.4).
    package static func deviceCode(
        _ client: TokenEndpointClient, deviceCode: Secret, additional: Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        form.add("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
        form.add("device_code", deviceCode)
        return post(form, client, additional)
    }

    private static func post(
        _ form: FormEncoding, _ client: TokenEndpointClient, _ additional: Additional
    ) -> HTTPRequest {
        .form(form, from: client, to: client.tokenEndpoint, additional: AuthorizationParameters.forToken(additional))
    }
}

extension FormEncoding {
    /// An absent scope asks for the server's default, an empty one for nothing (RFC 6749 section 3.3).
    mutating func add(scopes: [String]) {
        if !scopes.isEmpty { add("scope", scopes.joined(separator: " ")) }
    }
}
