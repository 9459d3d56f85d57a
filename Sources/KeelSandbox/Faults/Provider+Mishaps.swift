import KeelBase
import KeelCrypto
import KeelHTTPServer

extension Provider {
    /// The order for a fault that is met now; nil if nobody ordered it. The log says that it was.
    func met(_ fault: SandboxFault, at endpoint: ProviderEndpoint = .token, grant: String? = nil) -> FaultOrder? {
        guard let order = faults.take(fault, at: endpoint) else { return nil }
        log.record(SandboxEvent(.fault, service: endpoint.service, reason: fault.rawValue, grant: grant))
        return order
    }

    /// What an endpoint answers instead of doing its work; nil when it is in order.
    func mishap(at endpoint: ProviderEndpoint, grant: String?) -> HTTPResponse? {
        func met(_ fault: SandboxFault) -> FaultOrder? { self.met(fault, at: endpoint, grant: grant) }
        if met(.tokenLost) != nil { return .hangUp }
        if let order = met(.tokenUnavailable) {
            return HTTPResponse(status: 503, headers: [("Retry-After", order.value)])
        }
        if let order = met(.tokenTooMany) { return HTTPResponse(status: 429, headers: [("Retry-After", order.value)]) }
        if let order = met(.tokenTooManyDate) {
            let date = time.now.adding(seconds: Int64(order.number)).httpDate
            return HTTPResponse(status: 429, headers: [("Retry-After", date)])
        }
        if let order = met(.tokenServerError) { return HTTPResponse(status: order.number) }
        if let order = met(.tokenRedirect) {
            return HTTPResponse(
                status: order.number, headers: [("Location", otherOrigin + ProviderEndpoint.redirected.path)])
        }
        if met(.tokenHTML) != nil {
            let page = "<!DOCTYPE html><html><title>Sign in to the network</title><p>Please accept the terms.</html>\n"
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "text/html; charset=utf-8")], body: Secret(copying: page))
        }
        if met(.tokenEmpty) != nil { return HTTPResponse(status: 200) }
        if met(.tokenHuge) != nil {
            return .json(status: 200, .object([("padding", .string(String(repeating: "x", count: 2 << 20)))]))
        }
        if let order = met(.tokenOAuthError) { return .refusal(order.value) }
        if let order = met(.tokenMicrosoftError) { return MicrosoftRefusal(order.value).response(at: time.now) }
        if let order = met(.tokenGoogleError) { return .googleRefusal(order.value) }
        return nil
    }

    /// Nobody should come here.
    func redirected() -> HTTPResponse {
        log.record(SandboxEvent(.redirectFollowed))
        return HTTPResponse(status: 404)
    }
}

// MARK: For tests

extension Provider {
    /// `GET` lists the orders; `POST` with `fault=ORDER` adds one.
    func orderFault(_ request: IncomingRequest) -> HTTPResponse {
        guard request.method == "POST" else {
            return .json(status: 200, .object([("faults", .strings(faults.orders))]))
        }
        guard let text = (try? FormParameters(request))?["fault"] else {
            return HTTPResponse(status: 400, body: Secret(copying: "send fault=NAME[=VALUE][:TIMES] as a form\n"))
        }
        do throws(FaultOrderFailure) {
            try faults.add(try FaultOrder(parsing: text))
            return HTTPResponse(status: 204)
        } catch {
            return HTTPResponse(status: 400, body: Secret(copying: "\(error)\n"))
        }
    }

    func calm() -> HTTPResponse {
        faults.clear()
        return HTTPResponse(status: 204)
    }

    /// How often each event happened.
    var counts: HTTPResponse {
        .json(
            status: 200,
            .object(log.counts.sorted { $0.key < $1.key }.map { (name: $0.key, value: .number(Int64($0.value))) }))
    }

    /// `POST` with `user=NAME`: ends all that the person ever consented to, as a new password does.
    func endGrants(_ request: IncomingRequest) -> HTTPResponse {
        guard let user = (try? FormParameters(request))?["user"].flatMap(users.user) else {
            return HTTPResponse(status: 400, body: Secret(copying: "send user=NAME as a form\n"))
        }
        for family in refreshes.end(of: user) {
            tokens.revoke(family: family)
            log.record(SandboxEvent(.familyEnded, user: user.name))
        }
        return HTTPResponse(status: 204)
    }
}
