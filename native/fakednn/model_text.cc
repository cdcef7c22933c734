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
struct Entry {
  std::string key, value;
};

std::string Trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Entry SplitEntry(const std::string& line) {
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
    while (has_line && TakeSetting(SplitEntry(line_))) has_line = NextLine();
    for (; has_line; has_line = NextLine()) TakeInfo(SplitEntry(line_));
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
  bool TakeSetting(const Entry& entry) {
    if (entry.key == "core_ms") {
      file_.core_ms = Milliseconds(entry.value);
    } else if (entry.key == "host_ms") {
      file_.host_ms = Milliseconds(entry.value);
    } else if (entry.key == "march") {
      file_.march = entry.value;
    } else if (entry.key == "fault") {
      file_.faults.push_back(entry.value);
    } else if (entry.key == "random_faults") {
      file_.random_faults = entry.value;
    } else {
      return false;
    }
    return true;
  }

  void TakeInfo(const Entry& entry) {
    if (entry.key == "[model name]") {
      EndTensor();
      file_.models.push_back({entry.value, {}, {}});
    } else if (entry.key.rfind("input[", 0) == 0 || entry.key.rfind("output[", 0) == 0) {
      EndTensor();
      if (file_.models.empty()) Fail(entry.key + " before '[model name]: ...'");
      ModelText& model = file_.models.back();
      const bool is_input = entry.key[0] == 'i';
      tensors_ = is_input ? &model.inputs : &model.outputs;
      const std::string expected =
          std::string(is_input ? "input" : "output") + "[" + std::to_string(tensors_->size()) + "]";
      if (entry.key != expected) Fail("'" + entry.key + "'; expected '" + expected + "'");
      tensors_->emplace_back();
    } else if (line_.empty()) {
      EndTensor();
    } else if (tensors_ != nullptr) {
      TakeProperty(entry, tensors_->back());
    }
    // Everything else is what the tool says of itself.
  }

  void TakeProperty(const Entry& entry, TensorText& tensor) {
    hbDNNTensorProperties& p = tensor.bare;
    const std::string& value = entry.value;
    if (entry.key == "name") {
      tensor.name = value;
    } else if (entry.key == "input source") {
      tensor.input_source = Named(InputSourceNamed(value), entry);
    } else if (entry.key == "valid shape") {
      p.validShape = Shape(entry);
    } else if (entry.key == "aligned shape") {
      p.alignedShape = Shape(entry);
    } else if (entry.key == "aligned byte size") {
      p.alignedByteSize = Numbers<int32_t>(entry).at(0);
    } else if (entry.key == "tensor type") {
      p.tensorType = Named(TensorTypeNamed(value), entry);
    } else if (entry.key == "tensor layout") {
      p.tensorLayout = Named(LayoutNamed(value), entry);
    } else if (entry.key == "quanti type") {
      p.quantiType = static_cast<hbDNNQuantiType>(Named(QuantiTypeNamed(value), entry));
    } else if (entry.key == "stride") {
      const hbDNNTensorShape strides = Shape(entry);
      for (int axis = 0; axis < strides.numDimensions; ++axis) p.stride[axis] = strides.dimensionSize[axis];
    } else if (entry.key == "scale data") {
      tensor.scales = Numbers<float>(entry);
    } else if (entry.key == "zero point data") {
      tensor.zero_points = Small<int8_t>(entry);
    } else if (entry.key == "shift data") {
      tensor.shifts = Small<uint8_t>(entry);
    } else if (entry.key == "quantizeAxis") {
      p.quantizeAxis = Numbers<int32_t>(entry).at(0);
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

  int32_t Named(std::optional<int32_t> value, const Entry& entry) const {
    if (!value.has_value()) Fail("unknown " + entry.key + " '" + entry.value + "'");
    return *value;
  }

  // "(1,3,640,640,)" or "1,2,3,".
  template <typename Number>
  std::vector<Number> Numbers(const Entry& entry) const {
    std::string text = entry.value;
    if (!text.empty() && text.front() == '(' && text.back() == ')') text = text.substr(1, text.size() - 2);
    std::vector<Number> numbers;
    std::istringstream list(text);
    for (std::string item; std::getline(list, item, ',');) {
      std::istringstream words(item);
      Number number{};
      if (!(words >> number) || !(words >> std::ws).eof()) {
        Fail("'" + item + "' in " + entry.key + "; expected a number");
      }
      numbers.push_back(number);
    }
    if (numbers.empty()) Fail(entry.key + " is empty");
    return numbers;
  }

  // Bytes, which as numbers would be read as characters.
  template <typename Byte>
  std::vector<Byte> Small(const Entry& entry) const {
    std::vector<Byte> bytes;
    for (const int number : Numbers<int>(entry)) {
      if (static_cast<Byte>(number) != number)
        Fail(std::to_string(number) + " in " + entry.key + " is no byte");
      bytes.push_back(static_cast<Byte>(number));
    }
    return bytes;
  }

  hbDNNTensorShape Shape(const Entry& entry) const {
    const std::vector<int32_t> sizes = Numbers<int32_t>(entry);
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
