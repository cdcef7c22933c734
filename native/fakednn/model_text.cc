#include "fakednn/model_text.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "fakednn/names.h"

namespace rdk::fakednn {
namespace {

constexpr char kMagic[] = "RDK FAKEDNN MODEL 1";
constexpr int kMaxDimensions = 8;

// "key: value", both trimmed.
struct Field {
  std::string key, value;
};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Field SplitField(const std::string& line) {
  const size_t colon = line.find(':');
  if (colon == std::string::npos) return {Trimmed(line), ""};
  return {Trimmed(line.substr(0, colon)), Trimmed(line.substr(colon + 1))};
}

class Parser {
 public:
  explicit Parser(const std::string& text) : lines_(text) {}

  ModelFile Parse() {
    if (!NextLine() || line_ != kMagic) Fail("expected the line '" + std::string(kMagic) + "'");
    bool has_line = NextLine();
    while (has_line && TakeSetting(SplitField(line_))) has_line = NextLine();
    for (; has_line; has_line = NextLine()) TakeInfo(SplitField(line_));
    EndTensor();
    if (file_.models.empty()) Fail("expected '[model name]: ...'");
    for (const ModelText& model : file_.models) {
      if (model.inputs.empty() || model.outputs.empty()) Fail(model.name + " lacks inputs or outputs");
    }
    return std::move(file_);
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw ModelTextError("line " + std::to_string(number_) + ": " + what);
  }

  bool NextLine() {
    ++number_;
    if (!std::getline(lines_, line_)) return false;
    line_ = Trimmed(line_);
    return true;
  }

  // False for the first line of the vendor's text.
  bool TakeSetting(const Field& field) {
    if (field.key == "core_ms") {
      file_.core_ms = Milliseconds(field.value);
    } else if (field.key == "host_ms") {
      file_.host_ms = Milliseconds(field.value);
    } else if (field.key == "march") {
      file_.march = field.value;
    } else if (field.key == "fault") {
      file_.faults.push_back(field.value);
    } else if (field.key == "random_faults") {
      file_.random_faults = field.value;
    } else {
      return false;
    }
    return true;
  }

  void TakeInfo(const Field& field) {
    if (field.key == "[model name]") {
      EndTensor();
      file_.models.push_back({field.value, {}, {}});
    } else if (field.key.rfind("input[", 0) == 0 || field.key.rfind("output[", 0) == 0) {
      EndTensor();
      if (file_.models.empty()) Fail(field.key + " before '[model name]: ...'");
      ModelText& model = file_.models.back();
      const bool is_input = field.key[0] == 'i';
      tensors_ = is_input ? &model.inputs : &model.outputs;
      const std::string expected =
          std::string(is_input ? "input" : "output") + "[" + std::to_string(tensors_->size()) + "]";
      if (field.key != expected) Fail("'" + field.key + "'; expected '" + expected + "'");
      tensors_->emplace_back();
    } else if (line_.empty()) {
      EndTensor();
    } else if (tensors_ != nullptr) {
      TakeProperty(field, tensors_->back());
    }
    // Everything else is what the tool says of itself.
  }

  void TakeProperty(const Field& field, TensorText& tensor) {
    hbDNNTensorProperties& p = tensor.bare;
    const std::string& value = field.value;
    if (field.key == "name") {
      tensor.name = value;
    } else if (field.key == "input source") {
      tensor.input_source = Named(InputSourceNamed(value), field);
    } else if (field.key == "valid shape") {
      p.validShape = Shape(field);
    } else if (field.key == "aligned shape") {
      p.alignedShape = Shape(field);
    } else if (field.key == "aligned byte size") {
      p.alignedByteSize = Numbers<int32_t>(field).at(0);
    } else if (field.key == "tensor type") {
      p.tensorType = Named(TensorTypeNamed(value), field);
    } else if (field.key == "tensor layout") {
      p.tensorLayout = Named(LayoutNamed(value), field);
    } else if (field.key == "quanti type") {
      p.quantiType = static_cast<hbDNNQuantiType>(Named(QuantiTypeNamed(value), field));
    } else if (field.key == "stride") {
      const hbDNNTensorShape strides = Shape(field);
      for (int axis = 0; axis < strides.numDimensions; ++axis) p.stride[axis] = strides.dimensionSize[axis];
    } else if (field.key == "scale data") {
      tensor.scales = Numbers<float>(field);
    } else if (field.key == "zero point data") {
      tensor.zero_points = Small<int8_t>(field);
    } else if (field.key == "shift data") {
      tensor.shifts = Small<uint8_t>(field);
    } else if (field.key == "quantizeAxis") {
      p.quantizeAxis = Numbers<int32_t>(field).at(0);
    } else {
      Fail("'" + line_ + "' is no property of a tensor");
    }
  }

  void EndTensor() {
    if (tensors_ == nullptr) return;
    const TensorText& tensor = tensors_->back();
    const int dimensions = tensor.bare.validShape.numDimensions;
    if (tensor.name.empty() || dimensions == 0 || tensor.bare.alignedShape.numDimensions != dimensions) {
      Fail("tensor '" + tensor.name + "' lacks its name, valid shape or aligned shape");
    }
    tensors_ = nullptr;
  }

  double Milliseconds(const std::string& text) const {
    std::istringstream words(text);
    double value = 0;
    if (!(words >> value) || value < 0 || !(words >> std::ws).eof()) {
      Fail("'" + text + "'; expected milliseconds");
    }
    return value;
  }

  int32_t Named(std::optional<int32_t> value, const Field& field) const {
    if (!value.has_value()) Fail("unknown " + field.key + " '" + field.value + "'");
    return *value;
  }

  // "(1,3,640,640,)" or "1,2,3,".
  template <typename Number>
  std::vector<Number> Numbers(const Field& field) const {
    std::string text = field.value;
    if (!text.empty() && text.front() == '(' && text.back() == ')') text = text.substr(1, text.size() - 2);
    std::vector<Number> numbers;
    std::istringstream list(text);
    for (std::string item; std::getline(list, item, ',');) {
      std::istringstream words(item);
      Number number{};
      if (!(words >> number) || !(words >> std::ws).eof()) {
        Fail("'" + item + "' in " + field.key + "; expected a number");
      }
      numbers.push_back(number);
    }
    if (numbers.empty()) Fail(field.key + " is empty");
    return numbers;
  }

  // Bytes, which as numbers would be read as characters.
  template <typename Byte>
  std::vector<Byte> Small(const Field& field) const {
    std::vector<Byte> bytes;
    for (const int number : Numbers<int>(field)) {
      if (static_cast<Byte>(number) != number)
        Fail(std::to_string(number) + " in " + field.key + " is no byte");
      bytes.push_back(static_cast<Byte>(number));
    }
    return bytes;
  }

  hbDNNTensorShape Shape(const Field& field) const {
    const std::vector<int32_t> sizes = Numbers<int32_t>(field);
    if (std::any_of(sizes.begin(), sizes.end(), [](int32_t size) { return size < 0; })) {
      Fail("a negative number in " + field.key);
    }
    if (sizes.size() > kMaxDimensions) {
      Fail(std::to_string(sizes.size()) + " dimensions; expected at most " + std::to_string(kMaxDimensions));
    }
    hbDNNTensorShape shape{};
    std::copy(sizes.begin(), sizes.end(), shape.dimensionSize);
    shape.numDimensions = static_cast<int32_t>(sizes.size());
    return shape;
  }

  std::istringstream lines_;
  std::string line_;
  int number_ = 0;
  ModelFile file_;
  // Where the tensor being read is the last one; null between tensors.
  std::vector<TensorText>* tensors_ = nullptr;
};

}  // namespace

hbDNNTensorProperties TensorText::Properties() const {
  hbDNNTensorProperties properties = bare;
  // The ABI has no const here.
  properties.scale.scaleLen = static_cast<int32_t>(scales.size());
  properties.scale.scaleData = scales.empty() ? nullptr : const_cast<float*>(scales.data());
  properties.scale.zeroPointLen = static_cast<int32_t>(zero_points.size());
  properties.scale.zeroPointData = zero_points.empty() ? nullptr : const_cast<int8_t*>(zero_points.data());
  properties.shift.shiftLen = static_cast<int32_t>(shifts.size());
  properties.shift.shiftData = shifts.empty() ? nullptr : const_cast<uint8_t*>(shifts.data());
  return properties;
}

ModelFile ParseModelFile(const std::string& text) { return Parser(text).Parse(); }

}  // namespace rdk::fakednn
