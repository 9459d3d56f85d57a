import KeelBase

extension DeviceFlow {
    /// Asks for a code (RFC 8628 section 3.1).
    ///
    /// The client's id is always in the form: section 3.1 demands it of a client that does not authenticate, and the
    /// providers that know no other kind of client look for it there.
    package static func request(
        _ client: TokenEndpointClient, endpoint: EndpointURL, scopes: [String],
        additional: TokenRequest.Additional = []
    ) -> HTTPRequest {
        var form = FormEncoding()
        if !client.clientID.isEmpty { form.add("client_id", client.clientID) }
        form.add(scopes: scopes)
        return .form(form, from: client, to: endpoint, additional: AuthorizationParameters.forToken(additional))
    }

    /// Reads the answer to that (section 3.2).
    package init(
        answer response: HTTPResponse, scopes: [String], at now: Timestamp, withholding: [Secret] = []
    ) throws(OAuthFailure) {
        let fields = try response.successFields(at: now, withholding: withholding)
        func unusable(_ malformation: OAuthFailure.Malformation) -> OAuthFailure {
            OAuthFailure(malformed: malformation, response, at: now)
        }
        guard let deviceCode = fields.text("device_code") else { throw unusable(.deviceCodeMissing) }
        guard let userCode = fields.text("user_code").flatMap(DevicePrompt.typeable) else {
            throw unusable(.userCodeUnusable)
        }
        // Google named it so before there was a standard.
        let address = fields.text("verification_uri") ?? fields.text("verification_url")
        guard let address = address.flatMap(DevicePrompt.webAddress) else { throw unusable(.verificationURIUnusable) }
        let complete = fields.text("verification_uri_complete").flatMap(DevicePrompt.webAddress)
        let lifetime = Self.seconds(fields.number("expires_in"), within: 0...Self.longestLifetime)
        self.deviceCode = Secret(copying: deviceCode)
        self.scopes = scopes
        prompt = DevicePrompt(
            userCode: userCode, verificationURI: address,
            // A link that leads elsewhere than the address shown beside it is worth nothing.
            verificationURIComplete: complete.flatMap {
                DevicePrompt.host($0) == DevicePrompt.host(address) ? $0 : nil
            },
            expiresAt: now.adding(seconds: lifetime ?? Self.assumedLifetime))
        interval =
            Self.seconds(fields.number("interval"), within: 1...Self.longestInterval) ?? Self.usualInterval
        nextPoll = now.adding(seconds: interval)
    }

    private static func seconds(_ number: Double?, within range: ClosedRange<Int64>) -> Int64? {
        guard let number, number.isFinite, number >= 0 else { return nil }
        return Int64(min(max(number.rounded(.up), Double(range.lowerBound)), Double(range.upperBound)))
    }
}
