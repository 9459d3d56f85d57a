import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan

/// The part of a test that sends a message and looks for it.
extension AccountTester {
    /// Waits until the message that `trial` sent has arrived, where a committed account opens its mailbox.
    ///
    /// The failure says that it did not arrive; nil where the run was asked to stop before that was known.
    func follow(
        _ message: MailMessage, _ trial: LoginTrial, _ address: ResourceAddress, _ shared: Shared,
        _ order: DeliveryOrder
    ) async -> (delivery: Delivery?, failure: StepFailure?)? {
        guard case .success(let proof) = trial.outcome, let answer = proof.submission else { return (nil, nil) }
        var delivery = Delivery(
            recipient: order.recipient, messageID: message.messageID, sender: message.from.address, answer: answer)
        guard let receiver = order.receiver(in: shared.document) else { return (delivery, nil) }
        delivery.receiver = receiver.address
        var work = receiver.work
        work.trust = paths.located(work.trust)
        await order.awaits(address, receiver.address)
        while true {
            let found: Arrival?
            do throws(StepFailure) {
                found = try await self.trial(
                    of: work, receiver.record, receiver.address, shared, task: .find(messageID: message.messageID)
                ).trial.outcome.get().arrival
            } catch {
                return (delivery, lost(error.diagnostic, delivery, address))
            }
            delivery.arrival = found
            guard found == .missing else {
                return (delivery, found.flatMap { unsearchable($0, delivery, address) })
            }
            let pause = min(order.interval, order.patience - delivery.waited)
            guard pause > .zero else { return (delivery, missing(delivery, address)) }
            guard !isStopping(), (try? await ports.patience.sleep(pause)) != nil, !isStopping() else { return nil }
            delivery.waited += pause
        }
    }

    private func missing(_ delivery: Delivery, _ address: ResourceAddress) -> StepFailure {
        failure(
            "test.not-arrived",
            "the message was taken, and \(delivery.waited.components.seconds) s later it is not in the inbox of \(delivery.recipient)",
            "look into its spam folder and its rules, and ask the server's log for the Message-ID; --arrival-timeout waits longer",
            .tenantAdministrator, delivery, address)
    }

    private func unsearchable(_ arrival: Arrival, _ delivery: Delivery, _ address: ResourceAddress) -> StepFailure? {
        guard case .unsearchable(let answer) = arrival else { return nil }
        var failure = failure(
            "test.not-searchable", "the message was taken, and its mailbox cannot be looked through",
            "look for the Message-ID in the inbox of \(delivery.recipient)", .tenantAdministrator, delivery, address)
        failure.diagnostic.answer = answer
        return failure
    }

    /// The account that should have seen it could not be opened.
    private func lost(_ reason: Diagnostic, _ delivery: Delivery, _ address: ResourceAddress) -> StepFailure {
        var failure = failure(
            "test.not-arrived",
            "the message was taken; whether it arrived is not known, because \(delivery.receiver?.description ?? "its mailbox") was not opened: \(reason.message)",
            reason.help ?? "test that account", reason.responsible ?? .tenantAdministrator, delivery, address)
        failure.diagnostic.answer = reason.answer
        return failure
    }

    private func failure(
        _ code: String, _ message: String, _ help: String, _ responsible: Responsible, _ delivery: Delivery,
        _ address: ResourceAddress
    ) -> StepFailure {
        StepFailure(
            Diagnostic(
                .error, code, message,
                notes: [
                    .init("the server said: \(delivery.answer)"), .init("its Message-ID is \(delivery.messageID)"),
                ],
                help: help, address: address, responsible: responsible), weight: .unproven)
    }
}
