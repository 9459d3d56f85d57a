import KeelBase

extension FieldValue {
    package var text: String? { if case .text(let text) = self { text } else { nil } }

    package var integer: Int? { if case .integer(let number) = self { number } else { nil } }

    package var boolean: Bool? { if case .boolean(let flag) = self { flag } else { nil } }

    package var set: [String]? { if case .set(let texts) = self { texts } else { nil } }

    package var map: [String: String]? { if case .map(let pairs) = self { pairs } else { nil } }

    package var secret: SecretSource? { if case .secret(let source) = self { source } else { nil } }
}
