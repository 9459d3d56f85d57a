import KeelBase
import Synchronization

/// The faults that are ordered now.
final class FaultBoard: Sendable {
    private struct Standing {
        let order: FaultOrder
        var left: Int?
    }

    private let standing: Mutex<[Standing]>

    init(_ orders: [FaultOrder]) {
        standing = Mutex(orders.map { Standing(order: $0, left: $0.times) })
    }

    /// What is ordered, with the times that are left.
    var orders: [String] {
        standing.withLock { $0.map { FaultOrder($0.order, times: $0.left).description } }
    }

    /// Orders a fault, in the place of an order for the same one.
    func add(_ order: FaultOrder) throws(FaultOrderFailure) {
        guard !order.fault.isOfStart else { throw .onlyAtStart(order.fault) }
        standing.withLock { standing in
            standing.removeAll { $0.order.isSamePlace(as: order) }
            standing.append(Standing(order: order, left: order.times))
        }
    }

    /// Calls all faults off.
    func clear() { standing.withLock { $0.removeAll() } }

    /// The order for this fault, if there is one; it counts as one time. The endpoint matters only to faults that any may
    /// have.
    func take(_ fault: SandboxFault, at endpoint: ProviderEndpoint = .token) -> FaultOrder? {
        let place = fault.isOfAnyEndpoint ? endpoint : .token
        return take { $0.fault == fault && $0.endpoint == place }
    }

    /// The order for a fault of this mail server, or of all; it counts as one time.
    func take(_ fault: SandboxFault, of server: MailProtocol) -> FaultOrder? {
        take { $0.fault == fault && ($0.server ?? server) == server }
    }

    private func take(where isMeant: (FaultOrder) -> Bool) -> FaultOrder? {
        standing.withLock { standing in
            guard let index = standing.firstIndex(where: { isMeant($0.order) }) else { return nil }
            let order = standing[index].order
            if let left = standing[index].left {
                standing[index].left = left - 1
                if left == 1 { standing.remove(at: index) }
            }
            return order
        }
    }
}

extension FaultOrder {
    /// Whether the other one takes its place.
    fileprivate func isSamePlace(as other: FaultOrder) -> Bool {
        fault == other.fault && endpoint == other.endpoint && server == other.server
    }

    /// The same with other times.
    fileprivate init(_ order: FaultOrder, times: Int?) {
        fault = order.fault
        endpoint = order.endpoint
        server = order.server
        value = order.value
        self.times = times
    }
}
