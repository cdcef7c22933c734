// Plain libjpeg decoding a file to RGB rows at 1/DENOMINATOR of its size; test/bench/inputs.mjs compares ours
// with it. Usage: jpeg_baseline <file> <denominator> <rounds>; prints [milliseconds, ...].

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "core/libjpeg.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  std::vector<uint8_t> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<uint8_t> rgb;
  const int rounds = std::atoi(argv[3]);
  std::printf("[");
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    jpeg_decompress_struct jpeg;
    jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
    jpeg_read_header(&jpeg, TRUE);
    jpeg.scale_denom = static_cast<unsigned>(std::atoi(argv[2]));
    jpeg_start_decompress(&jpeg);
    const size_t row_bytes = jpeg.output_width * 3UL;
    rgb.resize(row_bytes * jpeg.output_height);
    while (jpeg.output_scanline < jpeg.output_height) {
      JSAMPROW row = rgb.data() + row_bytes * jpeg.output_scanline;
      jpeg_read_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    std::printf("%s%f", round == 0 ? "" : ",", taken.count());
  }
  std::printf("]\n");
}
