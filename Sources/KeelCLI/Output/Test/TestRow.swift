import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelOAuth

/// One account of `mailkeel test` in words.
package struct TestRow: Sendable {
    package let result: AccountTester.Result

    package init(_ result: AccountTester.Result) { self.result = result }

    var hasPassed: Bool { result.failure == nil }

    /// The last stage that was reached; nil where no login was tried.
    var stage: ProbeStage? { result.trial?.report.reached }

    /// `1.2 s`, `23 ms`; more than one attempt is said.
    var time: String {
        let attempts = result.trial?.attempts ?? 1
        return Self.time(result.elapsed) + (attempts > 1 ? ", \(attempts) attempts" : "")
    }

    static func time(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }

    /// What it means, in a few words: by what it was proven, or the cause of the failure and whose move it is.
    var meaning: String {
        switch result.outcome {
        case .success(let proof): return "\(proof.mechanism.rawValue), then \(proof.command)"
        case .failure(let failure):
            let message = failure.diagnostic.message
            // The server stands in a column of its own.
            let head = FailureExplanation.refusal(by: result.endpoint)
            let cause = message.hasPrefix(head) ? String(message.dropFirst(head.count)) : message
            let move = failure.diagnostic.responsible.map { "; its move: \($0.phrase)" } ?? ""
            return cause + move
        }
    }

    /// A line for pipes and logs.
    package func line(_ style: TextStyle) -> String {
        let took = " (\(time))"
        switch result.outcome {
        case .success(let proof):
            return
                "\(style.green("ok")) \(result.address): \(proof.mechanism.rawValue) at \(result.endpoint), then \(proof.command)\(took)"
        case .failure(let failure):
            let place = failure.stage.map { " failed at \($0.rawValue)" } ?? ""
            return
                "\(style.red("FAILED")) \(result.address): \(result.endpoint)\(place), \(failure.diagnostic.code)\(took)"
        }
    }

    /// What else there is to know of it, a line each.
    package func remarks(_ style: TextStyle, at now: Timestamp) -> [String] {
        var lines = (result.trial?.report.warnings ?? []).map { "\(style.yellow("warning")): \($0)" }
        if let certificate = result.endingCertificate {
            let word = certificate.notAfter < now ? "ended" : "ends"
            lines.append(
                "\(style.yellow("warning")): the certificate \(certificate.subject) \(word) at \(certificate.notAfter)")
        }
        lines += deliveryRemarks(style)
        lines += result.changes.map { "since last time: \($0.words)" }
        if let token = result.token { lines.append(token.words) }
        if case .success(let proof) = result.outcome { lines += proof.alerts.map { "the server says: \($0)" } }
        return lines
    }

    private func deliveryRemarks(_ style: TextStyle) -> [String] {
        guard let delivery = result.delivery else { return [] }
        var lines = ["sent to \(ForeignText(delivery.recipient)): \(delivery.answer)"]
        switch (delivery.receiver, delivery.arrival) {
        case (nil, _): lines.append("no committed account opens that mailbox, so nobody looked whether it arrived")
        case (let receiver?, .found(let from)?):
            lines.append("arrived in \(receiver) within \(Self.time(delivery.waited)), From: \(from)")
        case (_?, _): break
        }
        if delivery.hasOtherSender {
            lines.append(
                "\(style.yellow("warning")): it was sent from \(ForeignText(delivery.sender)), and another From arrived"
            )
        }
        return lines
    }

    /// The stages of the last attempt, a line each.
    package func stages(_ style: TextStyle) -> [String] {
        (result.trial?.report.stages ?? []).map { stage in
            let name = stage.stage.rawValue
            let word =
                switch stage.outcome {
                case .ok: style.green("ok     ")
                case .failed: style.red("FAILED ")
                case .skipped: "skipped"
                }
            let took = stage.elapsed.map { " (\(Self.time($0)))" } ?? ""
            let evidence = stage.evidence.isEmpty ? "" : " \(stage.evidence)"
            return name + String(repeating: " ", count: max(1, 11 - name.count)) + word + evidence + took
        }
    }
}

extension IntrospectedToken {
    /// What the provider says of the token, for people.
    fileprivate var words: String {
        guard isActive else { return "the provider says that the access token is not active" }
        let until = expiresAt.map { " until \($0)" } ?? ""
        let what = scopes.map { ", for \(ForeignText($0.joined(separator: " ")))" } ?? ""
        return "the provider says that the access token is active\(until)\(what)"
    }
}
