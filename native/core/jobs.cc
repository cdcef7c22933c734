#include "core/jobs.h"

#include <chrono>
#include <utility>

#include "common/async_job.h"
#include "common/frame_external.h"
#include "common/picture_view.h"
#include "core/picture.h"
#include "core/requests.h"

namespace rdk {
namespace {

using Clock = std::chrono::steady_clock;

double Milliseconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double, std::milli>(to - from).count();
}

// Jobs drop their reference on the JS thread, so this frame always dies there and may own a JS reference.
struct JsFrame : Frame {
  Napi::ObjectReference pixels;
  size_t size_bytes = 0;
};

void ReleaseJsFrame(Frame* self) { delete static_cast<JsFrame*>(self); }

// Memory that was transferred to another thread after the frame was made is not ours to read.
void CheckAttached(const Frame& frame) {
  if (frame.release != ReleaseJsFrame) return;
  const auto& js_frame = static_cast<const JsFrame&>(frame);
  Uint8ArrayArgument(js_frame.pixels.Value(), "the memory of frame", js_frame.size_bytes);
}

// `frame` says where in `bytes` its picture lies, which is the first `watched_bytes` from there.
Napi::Value WrapJsFrame(const Bytes& bytes, std::unique_ptr<JsFrame> frame, size_t watched_bytes) {
  // There is no message header here; the first bytes of the picture stand in for it.
  frame->guard.Arm(frame->data, watched_bytes, frame->data, watched_bytes);
  frame->pixels = Napi::Persistent(bytes.owner);
  frame->size_bytes = bytes.size;
  frame->release = ReleaseJsFrame;
  return WrapFrame(bytes.owner.Env(), frame.release());
}

// JS memory that a job writes to.
struct Output {
  uint8_t* data = nullptr;
  Napi::ObjectReference owner;

  Output() = default;
  explicit Output(const Bytes& bytes) : data(bytes.data), owner(Napi::Persistent(bytes.owner)) {}
};

// Scales the picture and the preview out of the source, checks that the source held still, and only then lets
// the rest work on the scaled copies.
class LetterboxJob : public AsyncJob {
 public:
  LetterboxJob(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch)
      : frame_(ReferenceFrame(request.Get("frame"), "frame")),
        placement_(PlacementOf(request, SourceSize())),
        filter_(FilterOf(request)),
        range_(YuvRangeOf(request)),
        scratch_(std::move(scratch)) {
    CheckAttached(*frame_);
    const Napi::Value preview = request.Get("preview");
    if (preview.IsNull()) return;
    const Napi::Object wanted = ObjectArgument(preview, "preview");
    preview_size_ = SizeOf(wanted, "widthPx", "heightPx");
    CheckReduction(SourceSize(), preview_size_, "preview");
    const size_t pixels = static_cast<size_t>(preview_size_.width_px) * preview_size_.height_px;
    preview_ = Output(ArrayBufferOf(wanted, "output", pixels * 4));
  }

 protected:
  const Placement& placement() const { return placement_; }
  YuvRange range() const { return range_; }

  // Where the scaled picture goes.
  virtual Nv12Target Content(Scratch& scratch) = 0;
  // Makes the rest of the model input after the picture has been scaled into `content`.
  virtual void Finish(const Nv12Target& content, Scratch& scratch) = 0;
  virtual void CountPreview() {}
  virtual void AddToReport(Napi::Object&) {}

 private:
  Size SourceSize() const {
    return {static_cast<int>(frame_->width_px), static_cast<int>(frame_->height_px)};
  }

  Needed NeededSizes() const { return {placement_.region, placement_.content, preview_size_}; }

  Picture Open(Scratch& scratch) const {
    try {
      return OpenPicture(*frame_, NeededSizes(), scratch);
    } catch (const CodedError&) {
      CheckUnchanged();
      throw;
    }
  }

  void CheckUnchanged() const {
    if (!frame_->guard.Unchanged()) {
      throw CodedError(ErrorCode::kOverwritten, "The publisher overwrote the frame while it was read");
    }
  }

  void Execute() override {
    const Clock::time_point start = Clock::now();
    const ScratchPool::Lease lease(scratch_);
    Scratch& scratch = *lease;
    const Nv12Target content = Content(scratch);
    const Picture picture = Open(scratch);
    ScalePicture(PartOf(picture, placement_.region, SourceSize()), content, filter_, range_, scratch);
    Nv12Target preview;
    if (preview_.data != nullptr) {
      preview = PackedNv12(GrowTo(scratch.preview, PackedNv12Bytes(preview_size_)), preview_size_);
      ScalePicture(picture, preview, Filter::kBox, range_, scratch);
      CountPreview();
    }
    CheckUnchanged();
    const Clock::time_point read = Clock::now();
    Finish(content, scratch);
    if (preview_.data != nullptr) WriteRgba(ViewOf(preview), range_, preview_.data);
    queued_ms_ = Milliseconds(queued_, start);
    read_ms_ = Milliseconds(start, read);
    duration_ms_ = Milliseconds(start, Clock::now());
  }

  Napi::Value Result(Napi::Env env) override {
    Napi::Object report = Napi::Object::New(env);
    report.Set("queuedMs", queued_ms_);
    report.Set("readMs", read_ms_);
    report.Set("durationMs", duration_ms_);
    AddToReport(report);
    return report;
  }

  const FrameReference frame_;
  const Placement placement_;
  const Filter filter_;
  const YuvRange range_;
  const std::shared_ptr<ScratchPool> scratch_;
  Size preview_size_;
  Output preview_;
  const Clock::time_point queued_ = Clock::now();
  double queued_ms_ = 0;
  double read_ms_ = 0;
  double duration_ms_ = 0;
};

class RgbPlanarJob : public LetterboxJob {
 public:
  RgbPlanarJob(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch)
      : LetterboxJob(request, std::move(scratch)), output_(ArrayBufferOf(request, "output", OutputBytes())) {}

 private:
  size_t OutputBytes() const {
    const Size model = placement().model;
    return static_cast<size_t>(model.width_px) * model.height_px * 3 * sizeof(float);
  }

  Nv12Target Content(Scratch& scratch) override {
    const Size size = placement().content;
    return PackedNv12(GrowTo(scratch.content, PackedNv12Bytes(size)), size);
  }

  void Finish(const Nv12Target& content, Scratch& scratch) override {
    WriteRgbPlanes(ViewOf(content), placement(), range(), reinterpret_cast<float*>(output_.data), scratch);
  }

  const Output output_;
};

class Nv12Job : public LetterboxJob {
 public:
  Nv12Job(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch)
      : LetterboxJob(request, std::move(scratch)) {
    const Size model = placement().model;
    const int pitch_bytes = IntegerOf(request, "pitchBytes", model.width_px, 1 << 20);
    const size_t y_bytes = static_cast<size_t>(pitch_bytes) * model.height_px;
    output_ = Output(Uint8ArrayArgument(request.Get("output"), "output", y_bytes + y_bytes / 2));
    model_ = {output_.data, output_.data + y_bytes, model, pitch_bytes, pitch_bytes};
  }

 private:
  Nv12Target Content(Scratch&) override { return ContentOf(model_, placement()); }
  void Finish(const Nv12Target&, Scratch&) override { PadNv12(model_, placement()); }

  Output output_;
  Nv12Target model_;
};

class SinkJob : public LetterboxJob {
 public:
  SinkJob(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch,
          std::unique_ptr<LetterboxSink> sink)
      : LetterboxJob(request, std::move(scratch)), sink_(std::move(sink)) {
    const Size wanted = sink_->model_size();
    const Size given = placement().model;
    if (given.width_px != wanted.width_px || given.height_px != wanted.height_px) {
      throw ArgumentError("a geometry for a model of " + TextOf(wanted), "geometry", TextOf(given));
    }
  }

 private:
  Nv12Target Content(Scratch& scratch) override { return sink_->Content(placement(), scratch); }
  void Finish(const Nv12Target& content, Scratch& scratch) override {
    sink_->Finish(content, placement(), range(), scratch);
  }
  void CountPreview() override { sink_->CountPreview(); }
  void AddToReport(Napi::Object& report) override { sink_->Report(report); }

  const std::unique_ptr<LetterboxSink> sink_;
};

class RgbToNv12Job : public AsyncJob {
 public:
  explicit RgbToNv12Job(const Napi::Object& request)
      : size_(SizeOf(request, "widthPx", "heightPx")),
        range_(YuvRangeOf(request)),
        rgb_(Uint8ArrayArgument(request.Get("rgb"), "rgb", PackedNv12Bytes(size_) * 2)),
        output_(Uint8ArrayArgument(request.Get("output"), "output", PackedNv12Bytes(size_))) {}

 private:
  void Execute() override {
    ColourToNv12({rgb_.data, size_.width_px * 3, 3, false}, range_, PackedNv12(output_.data, size_));
  }
  Napi::Value Result(Napi::Env env) override { return env.Undefined(); }

  const Size size_;
  const YuvRange range_;
  const Output rgb_;
  const Output output_;
};

template <typename Job, typename... Arguments>
Napi::Value Start(const char* name, const Napi::Value& request, Arguments&&... arguments) {
  const Napi::Object object = ObjectArgument(request, "request");
  return AsyncJob::Start(request.Env(), name,
                         std::make_unique<Job>(object, std::forward<Arguments>(arguments)...));
}

}  // namespace

Napi::Value WrapNv12(const Napi::Value& buffer, const Napi::Value& layout) {
  const Bytes bytes = Uint8ArrayArgument(buffer, "buffer");
  const Nv12Target pixels = Nv12Of(bytes, "buffer", ObjectArgument(layout, "layout"));
  auto frame = std::make_unique<JsFrame>();
  frame->data = pixels.y;
  frame->uv = pixels.uv;
  frame->width_px = static_cast<uint32_t>(pixels.size.width_px);
  frame->height_px = static_cast<uint32_t>(pixels.size.height_px);
  frame->stride_bytes = static_cast<uint32_t>(pixels.y_stride_bytes);
  frame->uv_stride_bytes = static_cast<uint32_t>(pixels.uv_stride_bytes);
  const uint8_t* end = pixels.uv +
                       static_cast<ptrdiff_t>(pixels.uv_stride_bytes) * (pixels.size.height_px / 2 - 1) +
                       pixels.size.width_px;
  const auto watched_bytes = static_cast<size_t>(end - pixels.y);
  return WrapJsFrame(bytes, std::move(frame), watched_bytes);
}

Napi::Value WrapPicture(const Napi::Value& buffer, const Napi::Value& view) {
  const Bytes bytes = Uint8ArrayArgument(buffer, "buffer");
  auto frame = std::make_unique<JsFrame>();
  Napi::Object result =
      ViewPicture(ObjectArgument(view, "view"), bytes.data, bytes.size, *frame).As<Napi::Object>();
  const size_t watched_bytes = frame->data_bytes;
  result.Set("frame", WrapJsFrame(bytes, std::move(frame), watched_bytes));
  return result;
}

Napi::Value LetterboxInto(const Napi::Object& request, std::shared_ptr<ScratchPool> scratch,
                          std::unique_ptr<LetterboxSink> sink) {
  return AsyncJob::Start(request.Env(), "rdk.letterboxInto",
                         std::make_unique<SinkJob>(request, std::move(scratch), std::move(sink)));
}

Napi::Value LetterboxRgbPlanar(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch) {
  return Start<RgbPlanarJob>("rdk.letterboxRgbPlanar", request, std::move(scratch));
}

Napi::Value LetterboxNv12(const Napi::Value& request, std::shared_ptr<ScratchPool> scratch) {
  return Start<Nv12Job>("rdk.letterboxNv12", request, std::move(scratch));
}

Napi::Value ConvertRgbToNv12(const Napi::Value& request) {
  return Start<RgbToNv12Job>("rdk.rgbToNv12", request);
}

}  // namespace rdk
