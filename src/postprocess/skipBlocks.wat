;; The kernel of simdScan.ts, which holds its assembled bytes; a test holds both together.
(module
  (memory (export "memory") 1)
  ;; The first block of sixteen int32, from the byte $at in steps of blocks, that has an element with (element ^ $flip) < $limit,
  ;; both signed; where there is none, the first block that does not begin before the byte $end. Bytes need not be aligned.
  (func (export "skipBlocks") (param $at i32) (param $end i32) (param $flip i32) (param $limit i32) (result i32)
    (local $flips v128)
    (local $limits v128)
    (local.set $flips (i32x4.splat (local.get $flip)))
    (local.set $limits (i32x4.splat (local.get $limit)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_s (local.get $at) (local.get $end)))
        (br_if $done (v128.any_true
          (v128.or
            (v128.or
              (i32x4.lt_s (v128.xor (v128.load offset=0 (local.get $at)) (local.get $flips)) (local.get $limits))
              (i32x4.lt_s (v128.xor (v128.load offset=16 (local.get $at)) (local.get $flips)) (local.get $limits)))
            (v128.or
              (i32x4.lt_s (v128.xor (v128.load offset=32 (local.get $at)) (local.get $flips)) (local.get $limits))
              (i32x4.lt_s (v128.xor (v128.load offset=48 (local.get $at)) (local.get $flips)) (local.get $limits))))))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next)))
    (local.get $at)))
