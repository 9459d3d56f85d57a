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
            standing.removeAll { $0.order.fault == order.fault && $0.order.endpoint == order.endpoint }
            standing.append(Standing(order: order, left: order.times))
        }
    }

    /// Calls all faults off.
    func clear() { standing.withLock { $0.removeAll() } }

    /// The order for this fault, if there is one; it counts as one time. The endpoint matters only to faults that any may
    /// have.
    func take(_ fault: SandboxFault, at endpoint: ProviderEndpoint = .token) -> FaultOrder? {
        let place = fault.isOfAnyEndpoint ? endpoint : .token
        return standing.withLock { standing in
            guard let index = standing.firstIndex(where: { $0.order.fault == fault && $0.order.endpoint == place })
            else { return nil }
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
    /// The same with other times.
    fileprivate init(_ order: FaultOrder, times: Int?) {
        fault = order.fault
        endpoint = order.endpoint
        value = order.value
        self.times = times
    }
}
