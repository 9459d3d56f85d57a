import KeelBase

extension FieldValue {
    var text: String? { if case .text(let text) = self { text } else { nil } }

    var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    var boolean: Bool? { if case .boolean(let flag) = self { flag } else { nil } }

    var set: [String]? { if case .set(let texts) = self { texts } else { nil } }

    var map: [String: String]? { if case .map(let pairs) = self { pairs } else { nil } }

    var secret: SecretSource? { if case .secret(let source) = self { source } else { nil } }
}
