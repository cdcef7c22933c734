#include "fakednn/model.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "fakednn/model_text.h"
#include "fakednn/violations.h"

namespace fakednn {
namespace {

void FromEnvironment(const char* name, double& value) {
  const char* text = std::getenv(name);
  if (text && *text) value = std::strtod(text, nullptr);
}

}  // namespace

std::vector<uint8_t> Model::Recorded(const std::string& hash) const {
  size_t expected = 0;
  for (const Tensor& output : outputs) expected += output.properties.alignedByteSize;
  const std::string path = recordings + "/" + hash + ".bin";
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) {
    Violate("model " + name + ": no recording for the input " + hash + " in " + recordings);
    return {};
  }
  const auto size = static_cast<size_t>(file.tellg());
  std::vector<uint8_t> bytes(size);
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file || size != expected) {
    Violate("model " + name + ": " + path + " has " + std::to_string(size) + " bytes, expected " +
            std::to_string(expected));
    return {};
  }
  return bytes;
}

int32_t LoadModels(const std::string& path, std::vector<std::unique_ptr<Model>>& models) {
  std::ifstream file(path, std::ios::binary);
  if (!file || file.peek() == std::ifstream::traits_type::eof()) return HB_DNN_CAN_NOT_OPEN_FILE;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t dot = path.rfind('.');
  const std::string stem =
      dot == std::string::npos || path.find('/', dot) != std::string::npos ? path : path.substr(0, dot);
  const size_t first = models.size();
  const int32_t status = ParseModels(text, models);
  if (status != HB_DNN_SUCCESS) return status;
  for (size_t i = first; i < models.size(); i++) {
    models[i]->recordings = stem + ".recordings";
    FromEnvironment("RDK_FAKEDNN_CORE_MS", models[i]->core_ms);
    FromEnvironment("RDK_FAKEDNN_HOST_MS", models[i]->host_ms);
  }
  return HB_DNN_SUCCESS;
}

}  // namespace fakednn
