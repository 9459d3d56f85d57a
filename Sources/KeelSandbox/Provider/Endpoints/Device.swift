import KeelBase

extension Provider {
    /// RFC 8628 section 3.1.
    func deviceAuthorization(_ request: IncomingRequest) -> HTTPResponse {
        serving(request, refusals: .deviceStarted) { form throws(OAuthRefusal) in
            let client = try clients.authenticate(request, form)
            guard client.grants.contains(.deviceCode) else {
                throw OAuthRefusal(.unauthorizedClient, "the client is not registered for device_code")
            }
            let scopes = try ScopeList.granted(form["scope"], of: client.scopes)
            let (code, device) = devices.start(for: client, scopes: scopes)
            log.record(SandboxEvent(.deviceStarted, clientID: client.id, scopes: scopes))
            let page = issuer + ProviderEndpoint.devicePage.path
            return .json(
                status: 200,
                .object([
                    ("device_code", .string(code)), ("user_code", .string(device.userCode)),
                    ("verification_uri", .string(page)),
                    ("verification_uri_complete", .string(page + "?user_code=" + device.userCode)),
                    ("expires_in", .number(Int64(options.deviceCodeLifetime))),
                    ("interval", .number(Int64(options.deviceInterval))),
                ]))
        }
    }

    /// The page where a person types the code (RFC 8628 section 3.3). A script adds `approve=USER` or `decline=1` to
    /// `verification_uri_complete`.
    func devicePage(_ request: IncomingRequest) -> HTTPResponse {
        guard let form = try? FormParameters(query: request), let code = form["user_code"] else {
            return .page(codePage("Which code does the device show?"))
        }
        guard let device = devices.waiting(code) else {
            return .page(status: 404, codePage("No device waits with that code."))
        }
        if form["decline"] != nil {
            guard devices.decide(code, .declined) else { return .page(status: 404, codePage("Too late.")) }
            log.record(SandboxEvent(.consentRefused, clientID: device.client.id, reason: "access_denied"))
            return .page(HTMLPage(title: "Declined", parts: [.paragraph("You can close this page.")]))
        }
        guard let name = form["approve"] ?? options.approvesAs else { return .page(devicePage(device)) }
        let consenting = met(.consentOtherUser, at: .devicePage)?.value ?? name
        guard let user = users.user(consenting), devices.decide(code, .approved(user)) else {
            return .page(status: 404, codePage("There is no such user."))
        }
        log.record(
            SandboxEvent(.consentGiven, clientID: device.client.id, scopes: device.scopes, user: user.name))
        return .page(
            HTMLPage(title: "Approved", parts: [.paragraph("The device goes on by itself. You can close this page.")]))
    }

    private func codePage(_ remark: String) -> HTMLPage {
        HTMLPage(
            title: "Connect a device",
            parts: [
                .paragraph(remark),
                .form(
                    HTMLPage.Form(
                        action: options.issuerPath + ProviderEndpoint.devicePage.path, hidden: [],
                        field: ("user_code", "Code"), buttons: [("", "", "Next")])),
            ])
    }

    private func devicePage(_ device: DeviceTable.Device) -> HTMLPage {
        HTMLPage(
            title: "Allow \(device.client.id)?",
            parts: [
                .paragraph("A device with the code \(device.userCode) asks the sandbox, for \(device.client.id), for:"),
                .list(device.scopes),
                .form(
                    HTMLPage.Form(
                        action: options.issuerPath + ProviderEndpoint.devicePage.path,
                        hidden: [("user_code", device.userCode)], choice: ("approve", names(first: nil)),
                        buttons: [("", "", "Approve"), ("decline", "1", "Decline")])),
            ])
    }
}
