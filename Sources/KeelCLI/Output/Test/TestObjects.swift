import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelOAuth

/// What came of one account, for machines.
package enum TestObjects {
    /// Grows when a member changes its meaning or goes.
    private static let format = 1

    package static func object(_ result: AccountTester.Result) -> JSON {
        var members: [JSON.Member] = [
            .init("type", "test"), .init("format", .integer(format)),
            .init("address", .string(result.address.description)),
            .init("endpoint", .string(result.endpoint.description)),
            .init("milliseconds", .integer(result.elapsed.wholeMilliseconds)),
        ]
        switch result.outcome {
        case .success(let proof):
            members += [
                .init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue)),
                .init("command", .string(proof.command)),
            ]
        case .failure(let failure):
            members += [
                .init("connected", false), .init("code", .string(failure.diagnostic.code)),
                .init("message", .string(failure.diagnostic.message)),
                .init("responsible", failure.diagnostic.responsible.map { .string($0.rawValue) } ?? .null),
            ]
            if let answer = failure.diagnostic.answer { members.append(.init("answer", .string(answer.description))) }
        }
        if let trial = result.trial {
            members += [
                .init("attempts", .integer(trial.attempts)), .init("stage", .string(trial.report.reached.rawValue)),
            ]
            members += trial.report.json.members ?? []
        }
        members.append(
            .init(
                "changes",
                .array(
                    result.changes.map {
                        .object([.init("change", .string($0.kind.rawValue)), .init("message", .string($0.words))])
                    })))
        if let certificate = result.endingCertificate {
            members.append(.init("certificateEnds", .string(certificate.notAfter.description)))
        }
        if let delivery = result.delivery { members.append(.init("delivery", shown(delivery))) }
        if let token = result.token { members.append(.init("token", shown(token))) }
        return .object(members)
    }

    private static func shown(_ delivery: Delivery) -> JSON {
        var from: ForeignText?
        if case .found(let text)? = delivery.arrival { from = text }
        return .present(
            ("recipient", .string(ForeignText(delivery.recipient).text)), ("messageID", .string(delivery.messageID)),
            ("answer", .string(delivery.answer.description)),
            ("receiver", delivery.receiver.map { .string($0.description) }),
            ("arrived", delivery.arrival.map { _ in .boolean(from != nil) }),
            ("from", from.map { .string($0.text) }),
            ("waitedSeconds", .integer(Int(delivery.waited.components.seconds)))
        )
    }

    private static func shown(_ token: IntrospectedToken) -> JSON {
        .present(
            ("active", .boolean(token.isActive)), ("expires", token.expiresAt.map { .string($0.description) }),
            ("scopes", token.scopes.map { .array($0.map { .string(ForeignText($0).text) }) }))
    }
}
